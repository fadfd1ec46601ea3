/**
 * The abbreviations of the ADL SCORM 2004 4th Edition Test Suite's test cases, and what they stand for.
 * @module
 */

/** @type {Record<string, string>} */
const WORDS = {
  // the first parts of an element
  a: "adl", c: "cmi",
  // elements
  V: "_version", CHIL: "_children", CNT: "_count", CFLRNR: "comments_from_learner", CFLMS: "comments_from_lms", COM: "comment",
  LOC: "location", TS: "timestamp", CS: "completion_status", CT: "completion_threshold", CDT: "credit", E: "entry", X: "exit",
  INTR: "interactions", ID: "id", TY: "type", OB: "objectives", CR: "correct_responses", P: "pattern", W: "weighting",
  LR: "learner_response", R: "result", LAT: "latency", D: "description", LD: "launch_data", LI: "learner_id", LN: "learner_name",
  LP: "learner_preference", AL: "audio_level", LANG: "language", DS: "delivery_speed", AC: "audio_captioning",
  MAXTA: "max_time_allowed", M: "mode", S: "score", SCA: "scaled", RW: "raw", MN: "min", MX: "max", SS: "success_status",
  PM: "progress_measure", SPS: "scaled_passing_score", ST: "session_time", SD: "suspend_data", TLA: "time_limit_action",
  TT: "total_time", n: "nav", r: "request", rv: "request_valid", DA: "data", STR: "store",
  // values
  comp: "completed", incomp: "incomplete", notatt: "not attempted", pass: "passed", fail: "failed", unk: "unknown",
  "CDT.c": "credit", "CDT.n": "no-credit", "E.a": "ab-initio", "E.r": "resume", "X.t": "time-out", "X.s": "suspend", "X.l": "logout",
  "TY.tf": "true-false", "TY.c": "choice", "TY.f": "fill-in", "TY.lf": "long-fill-in", "TY.l": "likert", "TY.m": "matching",
  "TY.p": "performance", "TY.s": "sequencing", "TY.n": "numeric", "TY.o": "other",
  "R.c": "correct", "R.i": "incorrect", "R.u": "unanticipated", "R.n": "neutral", "M.b": "browse", "M.n": "normal", "M.r": "review",
  "TLA.em": "exit,message", "TLA.cm": "continue,message", "TLA.enm": "exit,no message", "TLA.cnm": "continue,no message",
  t: "true", f: "false", ill: "illegal", WOV: "WriteOnceViolation", IlSt: "illegal_state", ivd: "invalid",
  "N.c": "continue", "N.p": "previous", "N.ea": "exitAll", "N.a": "abandon", "N.aa": "abandonAll", "N.sa": "suspendAll",
  "N.n": "_none_", "N.j": "jump", es: "",
};

/** @param {string} key */
export const word = (key) => WORDS[key] ?? key;

const METHODS = {
  I: "Initialize", T: "Terminate", C: "Commit", GET: "GetValue", SET: "SetValue", GES: "GetErrorString", GLE: "GetLastError",
  GeDi: "GetDiagnostic", COI: "compare objective ids",
};

/**
 * @typedef {{method: string, args: string[], expected: string, error: string, type: string}} Call
 *   type: of the interaction that the value belongs to, "" if it is none
 * @param {string} text e.g. SET->c~SS!pass->t->0
 * @returns {Call|null} null: no call of the API; the suite passes over such lines too
 */
export function decodeCall(text) {
  const parts = text.split("->");
  const [key, argument = ""] = parts;
  const method = METHODS[/** @type {keyof typeof METHODS} */ (key)];
  if (!method) return null;
  if (key === "COI") return { method, args: argument.split(","), expected: "", error: "", type: "" };
  const error = parts.at(-1) ?? "";
  const expected = parts.length > 3 ? word(parts[parts.length - 2]) : "";
  if (key === "SET") return { method, args: decodeSet(argument), expected, error, type: "" };
  if (key === "GET") return { method, ...decodeGet(argument), expected, error };
  return { method, args: key === "GLE" ? [] : [argument], expected, error, type: "" };
}

/** Element and value: c~INTR~0~ID!q1. The name of an objective or of shared data stands for its index: c~OB~&obj1&~SS!pass. @param {string} text */
function decodeSet(text) {
  const choice = /^a~n~r!tar~(.*)~(TY\.c|N\.j)$/.exec(text);
  if (choice) return ["adl.nav.request", `{target=${choice[1]}}${word(choice[2])}`];
  const at = text.indexOf("!");
  if (at < 0) return [element(text), ""];
  return [element(text.slice(0, at)), word(text.slice(at + 1))];
}

/** @param {string} text */
function decodeGet(text) {
  const valid = /^a~n~rv~(TY\.c|N\.j)~tar~(.*)$/.exec(text);
  if (valid) return { args: [`adl.nav.request_valid.${word(valid[1])}.{target=${valid[2]}}`], type: "" };
  const type = /^c~INTR~.*!(TY\.\w+)/.exec(text);
  return { args: [element(type ? text.replace(`!${type[1]}`, "") : text)], type: type ? word(type[1]) : "" };
}

/** @param {string} text */
const element = (text) => (text.includes("~") ? text.split("~").map(word).join(".") : text);
