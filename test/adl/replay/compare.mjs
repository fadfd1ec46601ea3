/**
 * When a value that the API returned is the one that a case expects. As the suite does, values are compared by their data type: 1.0 is
 * 1, a text is the text in English, the parts of a response have any order where order does not matter.
 * @module
 */

const REAL = /\.(scaled|raw|min|max|progress_measure|completion_threshold|scaled_passing_score|audio_level|delivery_speed|audio_captioning|weighting|result)$/;
const DURATION = /\.(latency|session_time|total_time|max_time_allowed)$/;
const RESPONSE = /\.(pattern|learner_response)$/;

/**
 * @param {import("./legend.mjs").Call} call
 * @param {string} element as it was asked for
 * @param {string} value as it was returned
 */
export function isExpected(call, element, value) {
  const { method, expected } = call;
  if (method === "GetDiagnostic" || expected === "less255") return value.length < 255;
  if (expected === "emptyCS") return value === "";
  if (method !== "GetValue" || value === expected) return value === expected;
  if (element === "cmi.learner_name" || isCommentFromLMS(element)) return true; // what they are is up to the LMS
  if (element.endsWith("._children")) return sameWords(value, expected);
  if (REAL.test(element) && expected !== "" && value !== "" && !Number.isNaN(Number(expected))) return Number(value) === Number(expected);
  if (DURATION.test(element)) return sameDuration(value, expected);
  if (element.endsWith(".timestamp")) return sameTime(value, expected);
  if (RESPONSE.test(element)) return sameResponse(value, expected, call.type);
  return inEnglish(value) === inEnglish(expected);
}

/** @param {string} a @param {string} b */
const sameWords = (a, b) => a.split(",").sort().join() === b.split(",").sort().join();

/** A runtime may have comments of its own or none, so any element of them may be missing. @param {string} element */
export const isCommentFromLMS = (element) => /^cmi\.comments_from_lms(?!\._children)/.test(element);

/** @param {string} text */
const inEnglish = (text) => text.replace(/^\{lang=en\}/, "");

/** @param {string} a @param {string} b */
function sameDuration(a, b) {
  const read = (/** @type {string} */ text) => {
    const m = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text);
    if (!m) return NaN;
    const [years, months, days, hours, minutes, seconds] = m.slice(1).map((n) => Number(n ?? 0));
    return ((years * 12 + months) * 31 + days) * 86_400 + hours * 3_600 + minutes * 60 + seconds;
  };
  return Math.abs(read(a) - read(b)) < 0.005;
}

/** @param {string} a @param {string} b */
function sameTime(a, b) {
  const [x, y] = [a, b].map((text) => Date.parse(text.replace(/([+-]\d\d)$/, "$1:00").replace(/T(\d\d)(?=$|[Z+-])/, "T$1:00")));
  return x === y && a.length === b.length;
}

/** @param {string} a @param {string} b @param {string} type of the interaction */
function sameResponse(a, b, type) {
  const read = (/** @type {string} */ text) => {
    const flags = { lang: "en", case_matters: "false", order_matters: "true" };
    let rest = text;
    for (let m; (m = /^\{(lang|case_matters|order_matters)=([^}]*)\}/.exec(rest)); rest = rest.slice(m[0].length)) {
      flags[/** @type {keyof typeof flags} */ (m[1])] = m[2];
    }
    let parts = rest.split("[,]");
    if (type === "numeric") parts = rest.split("[:]").map((n) => (n === "" ? "" : String(Number(n))));
    if (type === "choice" || type === "matching" || (type === "fill-in" || type === "performance") && flags.order_matters === "false") parts.sort();
    return JSON.stringify([flags, flags.case_matters === "true" || type !== "fill-in" ? parts : parts.map((p) => p.toLowerCase())]);
  };
  return read(a) === read(b);
}
