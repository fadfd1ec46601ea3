/**
 * What a case tells its tester to do after a visit.
 * @module
 */

/**
 * @param {import("./learner.mjs").Learner} learner
 * @param {string} instruction "" if the content goes on by itself
 * @param {boolean} moved whether it has gone on already
 * @returns {Promise<string>} what is wrong; "": nothing
 */
export async function follow(learner, instruction, moved) {
  if (instruction === "") return "";
  const [what, title = ""] = instruction.split("~");
  if (moved) return `another activity was delivered before the learner did anything (${what})`;
  switch (what) {
    case "Continue": await learner.next(); return "";
    case "Previous": await learner.previous(); return "";
    case "Choice": await learner.choose(title.trim()); return "";
    case "APIt1": await learner.choose("API Implementation Test 1"); return "";
    case "APIt2": await learner.choose("API Implementation Test 2"); return "";
    case "Exit": case "TRIGExitAll": await learner.leave(); return "";
    case "AutoTest": case "HasEnded": case "OKEnd": return learner.stage.over ? "" : "the session has not ended";
    case "RootSX4b": await learner.choose("the activity that corresponds to the root"); return "";
    case "RelaunchCM10": await learner.leave(); await learner.launch("Activity 4"); return "";
  }
  const implementation = /^DMIt(\d)$/.exec(what);
  if (implementation) {
    await learner.choose(`Data Model Implementation Test ${implementation[1]}`);
    return "";
  }
  if (/^(Relaunch|Suspend|Exit)\w/.test(what)) { // leave, and open the same package again
    await learner.leave();
    await learner.launch();
    return "";
  }
  throw new Error(`the instruction ${instruction} is not known`);
}
