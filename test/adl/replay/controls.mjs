/**
 * The suite asks its tester about the controls that the player shows; the answers are known to the course.
 * @module
 */

/** @param {import("./learner.mjs").Learner} learner @param {import("./casefile.mjs").Visit} visit @returns {string[]} what is wrong */
export function checkControls(learner, visit) {
  return visit.questions.flatMap((question, i) => {
    const answer = isSo(learner, question) ? "Y" : "N";
    return answer === visit.answers[i] ? [] : [`the learner would answer ${answer} to ${question}`];
  });
}

/** @param {import("./learner.mjs").Learner} learner @param {string} question */
function isSo(learner, question) {
  const [subject, title = ""] = question.split("@");
  const { next, previous, exit, describe } = learner.course.outlook();
  switch (subject) {
    case "continue.enabled": return next === true;
    case "continue.disabled": return next !== true;
    case "previous.enabled": return previous === true;
    case "previous.disabled": return previous !== true;
    case "toc.enabled": return learner.course.leaves.length > 1;
  }
  const name = title.trim();
  if (subject === "ui.visible") return { Continue: next !== null, Previous: previous !== null }[title] ?? exit;
  const activity = learner.activityTitled(name);
  const { enabled, visible = true } = describe(activity);
  return subject === "toc.visible" ? visible && !activity.hidden : enabled;
}
