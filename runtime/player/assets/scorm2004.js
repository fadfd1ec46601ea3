/**
 * The API of SCORM 2004: one for the whole course, because sequencing goes with it, and prepared for each run.
 * @module
 */
import { toLoad } from "./cmi.js";
import { repair } from "./repairs.js";
import { commitService, SETTINGS } from "./run.js";
import { limitSuspendData } from "./suspenddata.js";

/**
 * @param {any} doc the session document
 * @param {object} sequencing the library's settings
 * @param {(terminating: boolean) => boolean} commit
 */
export async function createApi2004(doc, sequencing, commit) {
  const { Scorm2004API } = await import("./scorm-again/scorm2004.min.js");
  const api = new Scorm2004API({ ...SETTINGS, httpService: commitService(commit), sequencing });
  repair(api, doc.structure);
  limitSuspendData(api.cmi.content, doc.limits.suspendData);
  return api;
}

/**
 * Makes the API ready for a run: nothing of the run before is left, and what an earlier run of the activity kept is back.
 * @param {any} api @param {any} doc @param {import("./run.js").Run} run
 * @param {boolean} resumed whether the sequencer resumes a suspended attempt
 */
export function prepareApi2004(api, doc, run, resumed) {
  api.reset();
  const { activity, before } = run;
  const { cmi } = api;
  if (before) api.loadFromJSON(toLoad(before));
  cmi.learner_id = doc.learner.id;
  cmi.learner_name = doc.learner.name;
  cmi.mode = doc.launch.mode;
  cmi.credit = doc.launch.mode === "normal" ? "credit" : "no-credit";
  cmi.entry = !before ? "ab-initio" : resumed || before["cmi.exit"] === "suspend" ? "resume" : "";
  cmi.total_time = before?.["cmi.total_time"] ?? "PT0S";
  cmi.launch_data = activity.dataFromLMS ?? "";
  cmi.time_limit_action = activity.timeLimitAction || "continue,no message";
  cmi.max_time_allowed = activity.sequencing?.limits.attemptAbsoluteDurationLimit ?? "";
  cmi.scaled_passing_score = passingScore(activity);
  const threshold = completionThreshold(activity, doc.structure.edition);
  if (threshold) cmi.completion_threshold = threshold;
  run.attach(api);
}

/** cmi.scaled_passing_score is the primary objective's measure, if that decides (RTE 4.2.20). @param {any} activity */
function passingScore(activity) {
  const primary = activity.sequencing?.objectives?.find((/** @type {any} */ o) => o.isPrimary);
  return primary?.satisfiedByMeasure ? String(primary.minNormalizedMeasure) : "";
}

/** Before the 4th edition a threshold always counts (CAM 3.4.1.12). @param {any} activity @param {string} edition */
function completionThreshold({ completionThreshold: threshold }, edition) {
  return threshold && (threshold.completedByMeasure || edition !== "4th") ? String(threshold.minProgressMeasure) : "";
}
