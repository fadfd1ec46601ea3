/**
 * What the end of an attempt leaves of an activity (SCORM 2004 4th ed. SN UP.4), over scorm-again's tracking.
 * @module
 * @typedef {any} Activity the library's
 */

/** @param {any} api @param {any} overall the library's OverallSequencingProcess */
export function repairTermination(api, overall) {
  keepUnknownCompletion(api, overall);
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
