/**
 * What states mean, as the service reports it.
 * @module
 * @typedef {{scaled?: number, raw?: number, min?: number, max?: number}} Score
 * @typedef {{completion: string, success: string, score?: Score, progress?: number, totalSeconds: number}} Result
 */
import { toSeconds } from "./duration.js";

/** @type {Result} */
export const NOTHING = { completion: "not attempted", success: "unknown", totalSeconds: 0 };

/** lesson_status is one word for both completion and success. Who failed has been through it to the end. */
const LESSON_STATUS = {
  passed: ["completed", "passed"],
  failed: ["completed", "failed"],
  completed: ["completed", "unknown"],
  browsed: ["incomplete", "unknown"],
  incomplete: ["incomplete", "unknown"],
  "not attempted": ["not attempted", "unknown"],
};

/**
 * @param {string} standard scorm12 or scorm2004
 * @param {import("./cmi.js").State} state
 * @returns {Result}
 */
export function resultOf(standard, state) {
  const core = standard === "scorm12" ? "cmi.core." : "cmi.";
  const [completion, success] = standard === "scorm12"
    ? LESSON_STATUS[state["cmi.core.lesson_status"]] ?? ["unknown", "unknown"]
    : [state["cmi.completion_status"] ?? "unknown", state["cmi.success_status"] ?? "unknown"];
  /** @type {Result} */
  const result = { completion, success, totalSeconds: toSeconds(state[`${core}total_time`]) };
  /** @type {Score} */
  const score = {};
  for (const part of /** @type {const} */ (["scaled", "raw", "min", "max"])) {
    const text = state[`${core}score.${part}`];
    if (text !== undefined && Number.isFinite(Number(text))) score[part] = Number(text);
  }
  if (Object.keys(score).length) result.score = score;
  if (state["cmi.progress_measure"] !== undefined) result.progress = Number(state["cmi.progress_measure"]);
  return result;
}

/**
 * The share of the possible score: scaled as reported, or raw between min and max (0 and 100 where they are not reported,
 * as SCORM 1.2 has it).
 * @param {Score|undefined} score
 */
function share(score) {
  if (score?.scaled !== undefined) return score.scaled;
  if (score?.raw === undefined) return undefined;
  const min = score.min ?? 0;
  const max = score.max ?? 100;
  return max > min ? Math.min(1, Math.max(-1, (score.raw - min) / (max - min))) : undefined;
}

/**
 * The result of a course of SCORM 1.2 with several activities. The standard has no rule, so this is ours: completed once all
 * are; failed if any is; passed if all are completed and one at least is passed; the score is the mean of those that have
 * one; the progress is the share of completed activities.
 * @param {Result[]} results of all activities
 * @returns {Result}
 */
export function rollUp(results) {
  const completed = results.filter((r) => r.completion === "completed").length;
  const all = completed === results.length;
  const shares = results.map((r) => share(r.score)).filter((s) => s !== undefined);
  /** @type {Result} */
  const result = {
    completion: all ? "completed" : results.every((r) => r.completion === "not attempted") ? "not attempted" : "incomplete",
    success: results.some((r) => r.success === "failed") ? "failed" : all && results.some((r) => r.success === "passed") ? "passed" : "unknown",
    progress: completed / results.length,
    totalSeconds: results.reduce((sum, r) => sum + r.totalSeconds, 0),
  };
  if (shares.length) result.score = { scaled: shares.reduce((sum, s) => sum + s, 0) / shares.length };
  return result;
}

const COMPLETIONS = ["unknown", "not attempted", "incomplete", "completed"];
const SUCCESSES = ["unknown", "failed", "passed"];

/**
 * The better of two results, part by part: for a course that was over and is looked at again.
 * @param {Result} a @param {Result} b
 * @returns {Result}
 */
export function better(a, b) {
  const higher = (/** @type {string[]} */ order, /** @type {string} */ x, /** @type {string} */ y) => (order.indexOf(x) > order.indexOf(y) ? x : y);
  const score = (share(b.score) ?? -Infinity) >= (share(a.score) ?? -Infinity) ? b.score ?? a.score : a.score;
  const progress = Math.max(a.progress ?? -1, b.progress ?? -1);
  return {
    completion: higher(COMPLETIONS, a.completion, b.completion),
    success: higher(SUCCESSES, a.success, b.success),
    ...(score && { score }),
    ...(progress >= 0 && { progress }),
    totalSeconds: Math.max(a.totalSeconds, b.totalSeconds),
  };
}
