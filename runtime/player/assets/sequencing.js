/**
 * A course's structure as scorm-again's `sequencing` settings. Runs in the browser and in Node.
 * @module
 */

/**
 * The id of a primary objective that the manifest gives none. The library takes no objective without one, and keeps one of white
 * space out of cmi.objectives, where it does not belong (RTE 4.2.17).
 */
const UNNAMED = " ";

/** The control modes of an activity that the manifest says nothing about (SN 3.2); the library lets flow. */
const CONTROLS = { choice: true, choiceExit: true, flow: false, forwardOnly: false, useCurrentAttemptObjectiveInfo: true, useCurrentAttemptProgressInfo: true };

/**
 * @param {any} structure of a SCORM 2004 course: content.Structure as JSON, defaults filled in
 * @returns {object} scorm-again's SequencingSettings
 */
export function toSequencingSettings(structure) {
  return { activityTree: toActivity(structure.root), logLevel: "error" };
}

/** @param {any} activity of the structure @returns {object} the library's ActivitySettings */
function toActivity(activity) {
  const { sequencing } = activity;
  return {
    id: activity.id,
    title: activity.title,
    isVisible: !activity.hidden,
    hideLmsUi: activity.hideLmsUi ?? [],
    sharedDataMaps: activity.sharedData ?? [],
    ...(activity.completionThreshold && { completionThreshold: activity.completionThreshold }),
    ...(sequencing ? toDefinition(sequencing) : { sequencingControls: CONTROLS }),
    ...(activity.children && { children: activity.children.map(toActivity) }),
  };
}

/**
 * Durations of limit conditions are left out: a runtime need not evaluate them (SN 3.5), and one that does locks learners out of
 * courses that work elsewhere.
 * @param {any} sequencing sequencing.Definition as JSON
 */
function toDefinition({ controls, rules, limits, rollup, rollupConsiderations, objectives = [], randomization, delivery }) {
  const [primary, ...others] = objectives[0]?.isPrimary ? objectives : [undefined, ...objectives];
  return {
    sequencingControls: {
      ...controls,
      rollupObjectiveSatisfied: rollup.rollupObjectiveSatisfied,
      rollupProgressCompletion: rollup.rollupProgressCompletion,
      objectiveMeasureWeight: rollup.objectiveMeasureWeight,
      ...toRandomization(randomization),
    },
    sequencingRules: {
      preConditionRules: (rules.preConditionRules ?? []).map(toRule),
      exitConditionRules: (rules.exitConditionRules ?? []).map(toRule),
      postConditionRules: (rules.postConditionRules ?? []).map(toRule),
    },
    rollupRules: { rules: (rollup.rules ?? []).map(toRollupRule) },
    ...(rollupConsiderations && { rollupConsiderations }),
    ...(primary && { primaryObjective: toObjective(primary) }),
    objectives: others.map(toObjective),
    deliveryControls: delivery,
    ...(limits.attemptLimit !== undefined && { attemptLimit: limits.attemptLimit }),
  };
}

/**
 * The library says randomizeChildren for the manifest's reorderChildren; its own reorderChildren means that it has been done.
 * @param {any} randomization
 */
function toRandomization({ selectionTiming, selectCount, randomizationTiming, reorderChildren = false }) {
  return {
    selectionTiming,
    randomizationTiming,
    randomizeChildren: reorderChildren,
    ...(selectCount !== undefined && { selectCount }),
  };
}

/** @param {any} rule */
const toRule = ({ action, conditionCombination, conditions }) => ({ action, conditionCombination, conditions: conditions.map(toCondition) });

/** @param {any} condition */
const toCondition = ({ condition, not, referencedObjective, measureThreshold }) => ({
  condition,
  ...(not && { operator: "not" }),
  ...(referencedObjective && { referencedObjective }),
  ...(measureThreshold !== undefined && { parameters: { threshold: measureThreshold } }),
});

/** The library's percentages go to 100. @param {any} rule */
const toRollupRule = ({ action, conditionCombination, childActivitySet, minimumCount, minimumPercent, conditions }) => ({
  action,
  conditionCombination,
  consideration: childActivitySet,
  ...(minimumCount !== undefined && { minimumCount }),
  ...(minimumPercent !== undefined && { minimumPercent: minimumPercent * 100 }),
  conditions: conditions.map((/** @type {any} */ c) => ({
    condition: c.condition === "activityProgressKnown" ? "progressKnown" : c.condition,
    operator: c.not ? "not" : "noOp",
  })),
});

/** A map's flags have the library's names already. @param {any} objective */
const toObjective = ({ objectiveID, isPrimary = false, satisfiedByMeasure = false, minNormalizedMeasure, mapInfo = [] }) => ({
  objectiveID: objectiveID || UNNAMED, isPrimary, satisfiedByMeasure, minNormalizedMeasure, mapInfo,
});
