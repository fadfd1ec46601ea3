/**
 * What the end of an attempt leaves of an activity (SCORM 2004 4th ed. SN UP.4), over scorm-again's tracking.
 * @module
 * @typedef {any} Activity the library's
 */

/** @param {any} api @param {any} overall the library's OverallSequencingProcess */
export function repairTermination(api, overall) {
  keepUnknownCompletion(api, overall);
  judgeByMeasure(overall);
}

/**
 * A status that nobody knows stays unknown. The library calls it incomplete at the end of an attempt, not attempted at its beginning, and
 * completed even if the content has said that it is unknown.
 * @param {any} api @param {any} overall
 */
function keepUnknownCompletion(api, overall) {
  const { terminationHandler: termination, deliveryHandler: delivery, rollupProcess: rollup } = overall;
  const { endAttempt } = termination;
  const { initializeForDelivery } = delivery;
  const { syncTerminatedActivityObjectives } = rollup;

  delivery.initializeForDelivery = (/** @type {Activity} */ activity) => {
    const status = activity.completionStatus;
    initializeForDelivery.call(delivery, activity);
    activity.completionStatus = status;
  };
  termination.endAttempt = (/** @type {Activity} */ activity) => {
    const controls = activity.sequencingControls;
    const before = controls.completionSetByContent;
    controls.completionSetByContent ||= api._runtimeSetCMIElements.has("cmi.completion_status") && activity.children.length === 0;
    try {
      endAttempt.call(termination, activity);
    } finally {
      controls.completionSetByContent = before;
    }
  };
  rollup.syncTerminatedActivityObjectives = (/** @type {Activity} */ activity, /** @type {any} */ globals) => {
    if (activity.children.length === 0 && !activity.attemptProgressStatus) activity.completionStatus = "unknown";
    return syncTerminatedActivityObjectives.call(rollup, activity, globals);
  };
}

/**
 * Where the measure decides on completion, it does so too if it comes from another activity (SN 4.2.1.5): what rules see is not the status that
 * came along with it.
 * @param {any} overall
 */
function judgeByMeasure(overall) {
  const traversal = overall.sequencingProcess.getTraversalService();
  const { getActivityForEvaluation } = traversal;
  traversal.getActivityForEvaluation = (/** @type {any[]} */ ...asked) => {
    const activity = getActivityForEvaluation.apply(traversal, asked);
    const status = completionOf(activity);
    if (status === activity.completionStatus) return activity;
    const view = activity.createObjectiveEvaluationView();
    view.completionStatus = status;
    return view;
  };
}

/** @param {Activity} activity */
export function completionOf(activity) {
  if (!activity.completedByMeasure || activity.children.length) return activity.completionStatus;
  if (!activity.progressMeasureStatus) return "unknown";
  return activity.progressMeasure >= activity.minProgressMeasure ? "completed" : "incomplete";
}
