/**
 * Replays test cases of the ADL SCORM 2004 4th Edition Test Suite against the player. Reads {name, text, structure} as JSON, one a line,
 * from standard input, and writes a report of each to standard output, one a line.
 * @module
 * @typedef {{passed: number, total: number}} Tally
 * @typedef {{name: string, calls: Tally, visits: Tally, controls: Tally, failures: string[], states: Record<string, string>[]}} Report
 */
import { createInterface } from "node:readline";
import { settled } from "./browser.mjs";
import { readCase } from "./casefile.mjs";
import { isCommentFromLMS, isExpected } from "./compare.mjs";
import { Learner } from "./learner.mjs";
import { checkControls } from "./controls.mjs";
import { follow } from "./instructions.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const { name, text, structure } = JSON.parse(line);
  const report = JSON.stringify(await replay(name, readCase(text), structure)) + "\n";
  await new Promise((written) => process.stdout.write(report, written));
}
process.exit(); // the library's timers may still wait

/** @param {string} name @param {import("./casefile.mjs").Case} test @param {any} structure @returns {Promise<Report>} */
async function replay(name, test, structure) {
  const learner = new Learner(structure);
  const tally = (/** @type {number} */ total) => ({ passed: 0, total });
  const report = {
    name,
    calls: tally(test.visits.reduce((n, visit) => n + visit.calls.length, 0)),
    visits: tally(test.visits.length),
    controls: tally(test.visits.reduce((n, visit) => n + visit.answers.length, 0)),
    failures: /** @type {string[]} */ ([]),
    states: /** @type {Record<string, string>[]} */ ([]),
  };
  try {
    await learner.launch(test.start);
    for (const [i, visit] of test.visits.entries()) {
      const where = `visit ${i + 1}, Activity ${visit.activity}`;
      if (learner.activity !== visit.activity) {
        report.failures.push(`${where}: not delivered, but ${learner.activity ? `Activity ${learner.activity}` : learner.stage.over ? "the end of the session" : "nothing"}`);
        break;
      }
      report.visits.passed++;
      const controls = checkControls(learner, visit);
      report.controls.passed += visit.answers.length - controls.length;
      const calls = visit.calls.map((call) => makeCall(learner, call)).filter((failure) => failure !== "");
      report.calls.passed += visit.calls.length - calls.length;
      report.failures.push(...[...controls, ...calls].map((failure) => `${where}: ${failure}`));
      const { shown } = learner.stage;
      if (learner.terminates) learner.api.Terminate("");
      await settled();
      const wrong = await follow(learner, visit.instruction, learner.stage.shown > shown);
      if (wrong) report.failures.push(`${where}: ${wrong}`);
    }
  } catch (error) {
    report.failures.push(`the player threw: ${error instanceof Error ? error.stack?.split("\n").slice(0, 3).join(" ") : error}`);
  }
  report.states = [...learner.commits.values()];
  return report;
}

/** Makes a call and says what is wrong with the answer; "" if nothing is. @param {Learner} learner @param {import("./legend.mjs").Call} call */
function makeCall(learner, call) {
  const { api } = learner;
  const ids = () => Array.from({ length: Number(api.GetValue("cmi.objectives._count")) }, (_, i) => api.GetValue(`cmi.objectives.${i}.id`));
  if (call.method === "compare objective ids") {
    const [found, expected] = [ids(), call.args].map((list) => [...list].sort().join(", "));
    return found === expected ? "" : `objectives are ${found}, not ${expected}`;
  }
  const [first, ...others] = call.args;
  const named = /^(.*)\.&(.*)&\.(.*)$/.exec(first ?? "");
  let element = first;
  if (named) {
    const [, collection, id, rest] = named;
    const index = Array.from({ length: Number(api.GetValue(`${collection}._count`)) }, (_, i) => i).find((i) => api.GetValue(`${collection}.${i}.id`) === id);
    if (index === undefined) return `${collection} has no ${id}`;
    element = `${collection}.${index}.${rest}`;
  }
  const asked = named?.[3] === "id" && call.expected === "" ? { ...call, expected: named[2] } : call;
  const known = element === "cmi.learner_id" && call.method === "GetValue" ? { ...asked, expected: learner.id } : asked;
  const value = String(api[call.method](...(element === undefined ? [] : [element]), ...others));
  const error = String(api.GetLastError());
  const anyError = isCommentFromLMS(element ?? "") && call.method === "GetValue" || /request_valid\.(choice|jump)/.test(element ?? "");
  const right = isExpected(known, element ?? "", value) || isCommentFromLMS(element ?? "") && call.method === "GetValue";
  if (right && (anyError || error === call.error)) return "";
  const said = (/** @type {string} */ text) => JSON.stringify(text.length > 100 ? `${text.slice(0, 60)}… (${text.length} characters)` : text);
  return `${call.method}(${call.args.map(said).join(", ")}) is ${said(value)} (${error}), not ${said(known.expected)} (${call.error})`;
}
