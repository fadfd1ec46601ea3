/**
 * The overall rollup process (SCORM 2004 4th ed. SN RB.1.1–RB.1.4), over scorm-again's tracking. The library weighs measures by things of its own,
 * leaves out children without one, lets rules win over measures, and has its own idea of what holds without rules.
 * @module
 * @typedef {any} Activity the library's
 */
import { completionOf } from "./repairs-termination.js";
import { acts } from "./sequencing-choice.js";

/** @param {any} overall the library's OverallSequencingProcess @param {import("./sequencing-flow.js").Flow} flow */
export function repairRollup(overall, flow) {
  const { rollupProcess: rollup } = overall;
  const objectives = rollup.getObjectiveProcessor();
  const holds = (/** @type {Activity} */ activity, /** @type {any[]} */ list) => list.some((rule) => applies(rollup.getChildFilter(), activity, rule));
  skipsNow(rollup.getChildFilter(), flow);
  rollup.getMeasureProcessor().measureRollupProcess = rollUpMeasure;
  objectives.objectiveRollupProcess = (/** @type {Activity} */ activity) => {
    rollUpObjective(activity, holds);
    objectives.syncPrimaryObjectiveFromActivity(activity);
  };
  rollup.getProgressProcessor().activityProgressRollupProcess = (/** @type {Activity} */ activity) => {
    rollUpProgress(activity, holds);
    objectives.syncPrimaryObjectiveFromActivity(activity);
  };
  rollUpReaders(rollup, (cluster) => {
    rollUpMeasure(cluster);
    objectives.objectiveRollupProcess(cluster);
    rollup.getProgressProcessor().activityProgressRollupProcess(cluster);
  });
}

/**
 * What an activity shares changes others that read it, and these roll up too (SN 4.5.2), not only the path to the root.
 * @param {any} rollup @param {(cluster: Activity) => void} rollUp
 */
function rollUpReaders(rollup, rollUp) {
  const { processGlobalObjectiveMapping } = rollup;
  const reads = (/** @type {Activity} */ activity) => activity.getAllObjectives().some((/** @type {any} */ objective) => objective.mapInfo.length);
  const visit = (/** @type {Activity} */ activity, /** @type {any} */ globals) => {
    for (const child of activity.children) visit(child, globals);
    if (!activity.children.some(reads) || activity.isActive) return;
    rollUp(activity);
    rollup.syncActivityObjectivesFromGlobals(activity, globals); // what it reads itself stands above what rolls up
  };
  rollup.processGlobalObjectiveMapping = (/** @type {Activity} */ root, /** @type {any} */ globals) => {
    processGlobalObjectiveMapping.call(rollup, root, globals);
    if (!root.parent && root.children.length) visit(root, globals);
  };
}

/** RB.1.1: the weighted mean, in which children without a measure count as nothing. @param {Activity} activity @returns {never[]} no clusters of the library's */
function rollUpMeasure(activity) {
  let total = 0, weights = 0, known = false;
  for (const child of activity.getAvailableChildren()) {
    if (!child.sequencingControls.tracked) continue;
    const weight = child.sequencingControls.objectiveMeasureWeight;
    weights += weight;
    if (!child.objectiveMeasureStatus || child.objectiveInfoAvailableInCurrentParentAttempt === false) continue;
    total += weight * child.objectiveNormalizedMeasure;
    known = true;
  }
  activity.objectiveMeasureStatus = known && weights > 0;
  if (activity.objectiveMeasureStatus) activity.objectiveNormalizedMeasure = total / weights;
  return [];
}

/** @typedef {(activity: Activity, rules: any[]) => boolean} Holds whether one of the rules holds */

/** RB.1.2: by measure, or else by rules. @param {Activity} activity @param {Holds} holds */
function rollUpObjective(activity, holds) {
  if (activity.primaryObjective?.satisfiedByMeasure) {
    const decides = activity.objectiveMeasureStatus && (!activity.isActive || activity.rollupConsiderations.measureSatisfactionIfActive);
    if (decides) activity.objectiveSatisfiedStatus = activity.objectiveNormalizedMeasure >= activity.scaledPassingScore;
    else forgetObjective(activity);
    return;
  }
  const [no, yes] = rulesFor(activity, ["notSatisfied", "objectiveStatusKnown"], ["satisfied", "satisfied"]);
  if (holds(activity, yes)) activity.objectiveSatisfiedStatus = true;
  else if (holds(activity, no)) activity.objectiveSatisfiedStatus = false;
}

/** @param {Activity} activity */
function forgetObjective(activity) {
  activity.objectiveSatisfiedStatusKnown = false;
  activity.successStatus = "unknown";
  activity.primaryObjective.progressStatus = false;
}

/** RB.1.3: by measure, or else by rules. @param {Activity} activity @param {Holds} holds */
function rollUpProgress(activity, holds) {
  if (activity.completedByMeasure) {
    const { attemptCompletionAmountStatus: known, attemptCompletionAmount: amount } = activity;
    activity.completionStatus = !known ? "unknown" : amount >= activity.minProgressMeasure ? "completed" : "incomplete";
    return;
  }
  const [no, yes] = rulesFor(activity, ["incomplete", "progressKnown"], ["completed", "completed"]);
  if (holds(activity, yes)) activity.completionStatus = "completed";
  else if (holds(activity, no)) activity.completionStatus = "incomplete";
}

/**
 * The rules for two opposite actions, or the default rules if there is none for either: all children meet the condition.
 * @param {Activity} activity @param {[string, string][]} defaults actions, and their condition by default
 */
function rulesFor(activity, ...defaults) {
  const own = defaults.map(([action]) => activity.rollupRules.rules.filter((/** @type {any} */ rule) => rule.action === action));
  if (own.some((list) => list.length)) return own;
  return defaults.map(([action, condition]) => [{ action, consideration: "all", conditionCombination: "any", conditions: [{ condition, operator: "noOp" }] }]);
}

/** What a condition comes to; null: it is not known. @typedef {boolean|null} Truth */

/** RB.1.4: whether a rule holds. Of no children at all, all and none are true. @param {any} filter @param {Activity} activity @param {any} rule */
function applies(filter, activity, rule) {
  const kind = rule.action === "satisfied" || rule.action === "notSatisfied" ? "objective" : "progress";
  const truths = activity.getAvailableChildren()
    .filter((/** @type {Activity} */ child) => filter.checkChildForRollupSubprocess(child, kind, rule.action))
    .map((/** @type {Activity} */ child) => combined(rule, child));
  const yes = truths.filter((/** @type {Truth} */ truth) => truth === true).length;
  switch (rule.consideration) {
    case "all": return yes === truths.length;
    case "any": return yes > 0;
    case "none": return truths.every((/** @type {Truth} */ truth) => truth === false);
    case "atLeastCount": return truths.length > 0 && yes >= rule.minimumCount;
    default: return truths.length > 0 && yes / truths.length * 100 >= rule.minimumPercent;
  }
}

/** @param {any} rule @param {Activity} child @returns {Truth} */
function combined(rule, child) {
  const truths = rule.conditions.map((/** @type {any} */ { condition, operator }) => {
    const truth = met(child, condition);
    return operator === "not" && truth !== null ? !truth : truth;
  });
  const decides = rule.conditionCombination !== "all"; // one that is true decides any, one that is false decides all
  if (truths.includes(decides)) return decides;
  return truths.includes(null) ? null : !decides;
}

/** @param {Activity} child @param {string} condition @returns {Truth} */
function met(child, condition) {
  const objective = child.objectiveInfoAvailableInCurrentParentAttempt !== false;
  const progress = child.progressInfoAvailableInCurrentParentAttempt !== false;
  switch (condition) {
    case "satisfied": return objective && child.objectiveSatisfiedStatusKnown ? child.objectiveSatisfiedStatus : null;
    case "objectiveStatusKnown": return objective && child.objectiveSatisfiedStatusKnown;
    case "objectiveMeasureKnown": return objective && child.objectiveMeasureStatus;
    case "completed": return progress && completionOf(child) !== "unknown" ? completionOf(child) === "completed" : null;
    case "progressKnown": return progress && completionOf(child) !== "unknown";
    case "attempted": return progress && child.attemptCount > 0;
    case "attemptLimitExceeded": return child.hasAttemptLimitExceeded();
    default: return false; // never; the time limits are not evaluated (SN 3.5)
  }
}

/** RB.1.4.2: ifNotSkipped asks whether the child would be skipped now, not whether it was. @param {any} filter @param {import("./sequencing-flow.js").Flow} flow */
function skipsNow(filter, flow) {
  const { checkChildForRollupSubprocess } = filter;
  filter.checkChildForRollupSubprocess = (/** @type {Activity} */ child, /** @type {string} */ kind, /** @type {string} */ action) => {
    child.wasSkipped = acts(flow, child, "skip");
    return checkChildForRollupSubprocess.call(filter, child, kind, action);
  };
}
