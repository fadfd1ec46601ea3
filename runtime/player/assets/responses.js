/**
 * What learner responses and patterns of correct responses look like, by type of interaction (SCORM 2004 RTE 4.2.9.1, 4.2.9.2). Lengths are left
 * to the service: the standard's are the least that must be taken.
 * @module
 */

/** A response of each type. @type {Record<string, string>} */
export const SAMPLES = {
  "true-false": "true", choice: "a", "fill-in": "a", "long-fill-in": "a", likert: "a", matching: "a[.]b", performance: "a[.]b",
  sequencing: "a", numeric: "1", other: "a",
};

const IDENTIFIER = /^[^\s{}[\]]+$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const FLAG = /^\{(case_matters|order_matters)=([^}]*)\}/;
const LANGUAGE = /^\{lang=[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\}/;

/**
 * @param {string} type of the interaction @param {string} text
 * @param {boolean} pattern whether it is a pattern, else a response
 */
export function isResponse(type, text, pattern) {
  const identifiers = (/** @type {string} */ list) => list.split("[,]").every((part) => IDENTIFIER.test(part));
  switch (type) {
    case "true-false": return text === "true" || text === "false";
    case "choice": return text === "" || identifiers(text) && new Set(text.split("[,]")).size === text.split("[,]").length;
    case "sequencing": return identifiers(text);
    case "likert": return IDENTIFIER.test(text);
    case "matching": return text === "" || text.split("[,]").every((pair) => isPair(pair, (part) => IDENTIFIER.test(part)));
    case "performance": return isPerformance(text, pattern);
    case "numeric": return pattern ? isRange(text) : NUMBER.test(text);
    case "fill-in": case "long-fill-in": return hasFlags(text, pattern);
    default: return true; // other
  }
}

/** @param {string} text @param {(part: string) => boolean} is */
function isPair(text, is) {
  const parts = text.split("[.]");
  return parts.length === 2 && parts.every(is);
}

/** Steps with a name, an answer, or both. @param {string} text @param {boolean} pattern */
function isPerformance(text, pattern) {
  if (!hasFlags(text, pattern)) return false;
  const steps = pattern ? text.replace(FLAG, "") : text;
  return steps.split("[,]").every((step) => isPair(step, (part) => part === "" || /^\S/.test(part)) && step !== "[.]");
}

/** @param {string} text a number, or a lowest and a highest one of which either may be missing */
function isRange(text) {
  const [low, high, ...more] = text.split("[:]");
  if (high === undefined) return NUMBER.test(low);
  if (more.length || ![low, high].every((n) => n === "" || NUMBER.test(n))) return false;
  return low === "" || high === "" || Number(low) <= Number(high);
}

/** What stands before a text: its flags are true or false, its language is one. @param {string} text @param {boolean} pattern */
function hasFlags(text, pattern) {
  let rest = text;
  for (let flag; pattern && (flag = FLAG.exec(rest) ?? LANGUAGE.exec(rest)); rest = rest.slice(flag[0].length)) {
    if (flag[0].startsWith("{lang=")) continue;
    if (flag[2] !== "true" && flag[2] !== "false") return false;
  }
  return !rest.startsWith("{lang=") || LANGUAGE.test(rest);
}
