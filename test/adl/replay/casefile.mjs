/**
 * A test case of the ADL suite, from its properties file.
 * @module
 * @typedef {{activity: string, calls: import("./legend.mjs").Call[], questions: string[], answers: string[], instruction: string}} Visit
 *   activity: its number in the package; questions about the controls that the learner sees, each answered Y or N; instruction: what
 *   the learner does next, "" if the content goes on by itself
 * @typedef {{start: string, visits: Visit[]}} Case  start: title of the activity that the learner begins with, "" for the course itself
 */
import { decodeCall } from "./legend.mjs";

/** @param {string} text @returns {Case} */
export function readCase(text) {
  /** @type {Case} */
  const read = { start: "", visits: [] };
  let current = "";
  const lines = text.replace(/\\\r?\n/g, "").split(/\r?\n/);
  for (const line of lines) {
    const at = line.indexOf("=");
    if (line.startsWith("#") || at < 0) continue;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1);
    const visit = /^(Act(\w+?)V\w+)\.(UIQ|UIA|CUI|commands)/.exec(key);
    if (key === "start") read.start = value.trim() === "." ? "" : value.trim();
    if (!visit) continue;
    if (visit[1] !== current) { // visits are told apart by their name changing, in the order of the file
      read.visits.push({ activity: visit[2], calls: [], questions: [], answers: [], instruction: "" });
      current = visit[1];
    }
    const last = read.visits[read.visits.length - 1];
    if (visit[3] === "UIQ") last.questions = value.trim().split("~");
    else if (visit[3] === "UIA") last.answers = value.trim().split("~");
    else if (visit[3] === "CUI") last.instruction = value.trim();
    else {
      const call = decodeCall(unicode(value));
      if (call) last.calls.push(call);
    }
  }
  return read;
}

/** @param {string} value */
const unicode = (value) => value.replace(/\\u([0-9A-Fa-f]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
