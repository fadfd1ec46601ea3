/**
 * The API of SCORM 1.2 for one run of an activity.
 * @module
 */
import { toLoad } from "./cmi.js";
import { commitService, SETTINGS } from "./run.js";
import { limitSuspendData } from "./suspenddata.js";

/** The library is loaded when it is needed: courses use one of the two. */
const library = () => import("./scorm-again/scorm12.min.js");

/**
 * @param {any} doc the session document
 * @param {import("./run.js").Run} run
 * @param {boolean} cutOff whether the run before was cut off: no LMSFinish reached us
 */
export async function createApi12(doc, run, cutOff) {
  const { Scorm12API } = await library();
  const api = new Scorm12API({
    ...SETTINGS,
    httpService: commitService((terminating) => run.commit(terminating)),
    // LMSFinish of content that has set no status means completed, and a mastery score then judges (RTE 3.4.2.2.3).
    autoCompleteLessonStatus: true,
    mastery_override: true,
  });
  limitSuspendData(api.cmi.core, doc.limits.suspendData);
  const { activity, before } = run;
  const { core, student_data: data } = api.cmi;
  if (before) api.loadFromJSON(toLoad(before));
  core.student_id = doc.learner.id;
  core.student_name = doc.learner.name;
  core.lesson_mode = doc.launch.mode;
  core.credit = doc.launch.mode === "normal" ? "credit" : "no-credit";
  core.entry = !before ? "ab-initio" : cutOff || before["cmi.core.exit"] === "suspend" ? "resume" : "";
  if (before?.["cmi.core.total_time"]) core.total_time = before["cmi.core.total_time"];
  api.cmi.launch_data = activity.dataFromLMS ?? "";
  if (activity.masteryScore) data.mastery_score = activity.masteryScore;
  if (activity.maxTimeAllowed) data.max_time_allowed = activity.maxTimeAllowed;
  if (activity.timeLimitAction) data.time_limit_action = activity.timeLimitAction;
  run.attach(api);
  return api;
}
