/**
 * States of the data model: flat objects, element → value.
 * @module
 * @typedef {Record<string, string>} State
 */

/** Who the learner is comes with each session and is stored once, with the registration. */
const PERSONAL = new Set(["cmi.core.student_id", "cmi.core.student_name", "cmi.learner_id", "cmi.learner_name"]);

/** What a launch sets anew, so that a stored state does not. */
const OF_THE_LAUNCH = new Set([
  "cmi.core.credit", "cmi.core.entry", "cmi.core.exit", "cmi.core.lesson_mode", "cmi.core.session_time", "cmi.core.total_time",
  "cmi.student_data.mastery_score", "cmi.student_data.max_time_allowed", "cmi.student_data.time_limit_action",
  "cmi.credit", "cmi.entry", "cmi.exit", "cmi.mode", "cmi.session_time", "cmi.total_time",
  "cmi.completion_threshold", "cmi.scaled_passing_score", "cmi.max_time_allowed", "cmi.time_limit_action", "cmi.launch_data",
]);

/** What each record of a collection has, be it nothing: a record that were left out would end the collection there. */
const BEGINS_RECORD = /\.\d+\.(id|pattern|comment)$/;

/**
 * The state to keep, from the library's nested data model. Elements without a value are left out: both standards treat a
 * missing element as one that was never set.
 * @param {object} nested
 * @returns {State}
 */
export function flatten(nested) {
  /** @type {State} */
  const flat = {};
  const walk = (/** @type {any} */ value, /** @type {string} */ path) => {
    if (value !== null && typeof value === "object") {
      for (const [key, child] of Object.entries(value)) walk(child, path ? `${path}.${key}` : key);
    } else if (value !== null && value !== undefined && (value !== "" || BEGINS_RECORD.test(path)) && path.startsWith("cmi.") && !PERSONAL.has(path)) {
      flat[path] = String(value);
    }
  };
  walk(nested, "");
  return flat;
}

/** Whether this is the status that a launch begins with. Loading it would say that the content has set it. */
const isFirstStatus = (/** @type {string} */ path, /** @type {State} */ state) => path === "cmi.core.lesson_status" && state[path] === "not attempted";

/** In a collection the id comes first, then the type: other elements depend on them. */
const FIRST = ["id", "type"];

/**
 * A stored state as the library loads it: nested, in an order that respects the dependencies of collections.
 * @param {State} state
 * @returns {object}
 */
export function toLoad(state) {
  const rank = (/** @type {string} */ part) => (FIRST.includes(part) ? FIRST.indexOf(part) : FIRST.length);
  const paths = Object.keys(state).filter((path) => !OF_THE_LAUNCH.has(path) && !isFirstStatus(path, state)).map((path) => path.split("."));
  paths.sort((a, b) => {
    const i = a.findIndex((part, at) => part !== b[at]);
    if (i < 0 || i >= b.length) return a.length - b.length;
    return Number(a[i]) - Number(b[i]) || rank(a[i]) - rank(b[i]) || (a[i] < b[i] ? -1 : 1);
  });
  /** @type {any} */
  const nested = {};
  for (const path of paths) {
    const last = path.length - 1;
    const parent = path.slice(0, last).reduce((at, part) => (at[part] ??= {}), nested);
    parent[path[last]] = state[path.join(".")];
  }
  return nested;
}

/**
 * cmi.completion_status and cmi.success_status as the thresholds judge them (SCORM 2004 RTE 4.2.4, 4.2.22): what content may
 * say itself counts only where there is no threshold.
 * @param {State} state of SCORM 2004; changed
 */
export function judge(state) {
  const over = (/** @type {string} */ value, /** @type {string} */ threshold) => Number(state[value]) >= Number(state[threshold]);
  if ("cmi.completion_threshold" in state && "cmi.progress_measure" in state) {
    state["cmi.completion_status"] = over("cmi.progress_measure", "cmi.completion_threshold") ? "completed" : "incomplete";
  }
  if ("cmi.scaled_passing_score" in state) {
    const passed = over("cmi.score.scaled", "cmi.scaled_passing_score") ? "passed" : "failed";
    state["cmi.success_status"] = "cmi.score.scaled" in state ? passed : "unknown";
  }
}
