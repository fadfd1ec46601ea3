/**
 * What a case tells its tester to do after a visit.
 * @module
 * @typedef {import("./learner.mjs").Learner} Learner
 */

/**
 * @param {Learner} learner
 * @param {string} instruction "" if the content goes on by itself
 * @param {boolean} moved whether it has gone on already
 * @returns {Promise<string>} what is wrong; "": nothing
 */
export async function follow(learner, instruction, moved) {
  if (instruction === "") return "";
  const [what, title = "", second = ""] = instruction.split("~").map((part) => part.trim());
  if (moved) return `another activity was delivered before the learner did anything (${what})`;
  const titled = TITLES[what];
  if (titled) {
    await learner.choose(titled);
    return "";
  }
  switch (what) {
    case "Continue": await learner.next(); return "";
    case "Previous": await learner.previous(); return "";
    case "Choice": case "ChoiceExit": case "launch": await learner.choose(title); return "";
    case "Exit": case "TRIGExitAll": await learner.leave(); return "";
    case "AutoTest": case "HasEnded": case "OKEnd": return learner.stage.over ? "" : "the session has not ended";
    case "ContinueExitCM8": await learner.next(); await again(learner); return "";
    case "RelaunchCM10": await again(learner, "Activity 4"); return "";
    case "DMBxAct": await again(learner, "Data Model Behavior Test 1"); return "";
    case "relaunchnchoose": await again(learner, second); return "";
  }
  if (!/^(Relaunch|SuspendCM|ExitCM|DMBx|relaunch|autoendrelaunch)/.test(what)) throw new Error(`the instruction ${instruction} is not known`);
  await again(learner);
  return "";
}

/** Instructions that name an activity of their case. @type {Record<string, string>} */
const TITLES = {
  APIt1: "API Implementation Test 1", APIt2: "API Implementation Test 2", RootSX4b: "the activity that corresponds to the root",
  DMIt1: "Data Model Implementation Test 1", DMIt2: "Data Model Implementation Test 2",
  DMIt3: "Data Model Implementation Test 3", DMIt4: "Data Model Implementation Test 4",
};

/** Leaves, and opens the course again. @param {Learner} learner @param {string} [title] of the activity to begin with */
async function again(learner, title) {
  await learner.leave();
  await learner.launch(title);
}
