// Talks to whichever API of SCORM there is, in the words of SCORM 2004. Without one the course still works; it is then not tracked.

/** Looks for an API on the windows around this one, then around the one that opened it (SCORM 2004 RTE 3.3; SCORM 1.2 RTE 3.3.6). */
function findApi() {
  const around = (from) => {
    for (let w = from, steps = 0; w && steps < 50; w = w.parent === w ? null : w.parent, steps++) {
      if (w.API_1484_11) return { version: "2004", api: w.API_1484_11 };
      if (w.API) return { version: "1.2", api: w.API };
    }
    return null;
  };
  try {
    return around(window) ?? (window.top.opener ? around(window.top.opener) : null);
  } catch {
    return null; // a window of another origin
  }
}

/** SCORM 1.2 names for what this course uses. */
const NAMES_12 = {
  "cmi.location": "cmi.core.lesson_location",
  "cmi.exit": "cmi.core.exit",
  "cmi.session_time": "cmi.core.session_time",
  "cmi.score.raw": "cmi.core.score.raw",
  "cmi.score.min": "cmi.core.score.min",
  "cmi.score.max": "cmi.core.score.max",
  "cmi.learner_name": "cmi.core.student_name",
  "cmi.completion_status": "cmi.core.lesson_status",
  "cmi.suspend_data": "cmi.suspend_data",
};

const found = findApi();
const is12 = found?.version === "1.2";
const began = Date.now();
let open = false;

export function begin() {
  open = found !== null && (is12 ? found.api.LMSInitialize("") : found.api.Initialize("")) === "true";
  addEventListener("pagehide", end);
}

/** @param {string} element in the words of SCORM 2004 @returns {string} "" if it has no value or SCORM 1.2 has no such element */
export function get(element) {
  if (!open) return "";
  return is12 ? (NAMES_12[element] ? found.api.LMSGetValue(NAMES_12[element]) : "") : found.api.GetValue(element);
}

/** @param {string} element in the words of SCORM 2004; left out where SCORM 1.2 has no such element */
export function set(element, value) {
  if (!open) return;
  if (!is12) found.api.SetValue(element, String(value));
  else if (NAMES_12[element]) found.api.LMSSetValue(NAMES_12[element], String(value));
}

/**
 * Adds an answer to the record.
 * @param {{id: string, response: string, pattern: string, correct: boolean, description: string}} answer
 */
export function addInteraction({ id, response, pattern, correct, description }) {
  if (!open) return;
  const n = is12 ? found.api.LMSGetValue("cmi.interactions._count") : found.api.GetValue("cmi.interactions._count");
  const values = is12
    ? { id, type: "choice", "correct_responses.0.pattern": pattern, student_response: response, result: correct ? "correct" : "wrong" }
    : { id, type: "choice", description, "correct_responses.0.pattern": pattern, learner_response: response, result: correct ? "correct" : "incorrect" };
  for (const [name, value] of Object.entries(values)) {
    if (is12) found.api.LMSSetValue(`cmi.interactions.${n}.${name}`, value);
    else found.api.SetValue(`cmi.interactions.${n}.${name}`, value);
  }
}

export function commit() {
  if (open) is12 ? found.api.LMSCommit("") : found.api.Commit("");
}

/** Leaves so that the learner can go on here. */
function end() {
  if (!open) return;
  const seconds = Math.round((Date.now() - began) / 1000);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
  set("cmi.session_time", is12 ? clock : `PT${seconds}S`);
  set("cmi.exit", "suspend");
  open = false;
  is12 ? found.api.LMSFinish("") : found.api.Terminate("");
}
