// What of the player needs no browser.
import assert from "node:assert/strict";
import { it } from "node:test";
import { flatten, judge, toLoad } from "../../runtime/player/assets/cmi.js";
import { apply, delta } from "../../runtime/player/assets/delta.js";
import { toInterval, toSeconds, toTimespan } from "../../runtime/player/assets/duration.js";
import { better, NOTHING, resultOf, rollUp } from "../../runtime/player/assets/result.js";

it("reads and writes durations of both standards", () => {
  for (const [text, seconds] of [["00:01:30", 90], ["0100:00:00.50", 360_000.5], ["PT1M30S", 90], ["P1DT2H", 93_600], ["P1Y2M", 36_720_000], ["PT0.05S", 0.05], ["", 0], [undefined, 0], ["soon", 0], ["P", 0]]) {
    assert.equal(toSeconds(text), seconds, text);
  }
  for (const seconds of [0, 0.05, 59.99, 60, 3599.999, 3600, 100_000]) {
    assert.ok(Math.abs(toSeconds(toTimespan(seconds)) - seconds) < 0.006, toTimespan(seconds));
    assert.ok(Math.abs(toSeconds(toInterval(seconds)) - seconds) < 0.006, toInterval(seconds));
  }
  assert.equal(toTimespan(3725.5), "01:02:05.50");
  assert.equal(toInterval(3725.5), "PT1H2M5.5S");
});

it("keeps a state flat, without who the learner is", () => {
  const nested = { cmi: { core: { student_name: "Name", lesson_status: "passed", score: { raw: "5", min: "" } }, interactions: { 0: { id: "a" } } }, adl: { nav: "x" } };
  assert.deepEqual(flatten(nested), { "cmi.core.lesson_status": "passed", "cmi.core.score.raw": "5", "cmi.interactions.0.id": "a" });
});

it("loads collections in an order that they can be set in", () => {
  const state = { "cmi.exit": "suspend", "cmi.core.lesson_status": "not attempted", "cmi.suspend_data": "not attempted" };
  for (let i = 11; i >= 0; i--) {
    state[`cmi.interactions.${i}.result`] = "correct";
    state[`cmi.interactions.${i}.type`] = "choice";
    state[`cmi.interactions.${i}.objectives.${i}.id`] = "o";
    state[`cmi.interactions.${i}.id`] = `i${i}`;
  }
  const { cmi } = toLoad(state);
  assert.deepEqual(Object.keys(cmi), ["interactions", "suspend_data"]);
  assert.deepEqual(Object.keys(cmi.interactions), [...Array(12).keys()].map(String));
  assert.deepEqual(Object.keys(cmi.interactions[11]), ["id", "type", "objectives", "result"]);
});

it("lets thresholds judge", () => {
  const judged = (state) => { judge(state); return [state["cmi.completion_status"], state["cmi.success_status"]]; };
  assert.deepEqual(judged({ "cmi.completion_threshold": "0.5", "cmi.progress_measure": "0.5", "cmi.completion_status": "incomplete" }), ["completed", undefined]);
  assert.deepEqual(judged({ "cmi.completion_threshold": "0.5", "cmi.completion_status": "completed" }), ["completed", undefined]);
  assert.deepEqual(judged({ "cmi.scaled_passing_score": "0.6", "cmi.score.scaled": "0.59", "cmi.success_status": "passed" }), [undefined, "failed"]);
  assert.deepEqual(judged({ "cmi.scaled_passing_score": "0.6", "cmi.success_status": "passed" }), [undefined, "unknown"]);
});

it("rolls the results of several activities up", () => {
  const of = (status, raw) => resultOf("scorm12", { "cmi.core.lesson_status": status, ...(raw && { "cmi.core.score.raw": raw }), "cmi.core.total_time": "00:00:10" });
  const word = (...list) => { const r = rollUp(list); return [r.completion, r.success, r.score?.scaled, r.progress]; };
  assert.deepEqual(word(NOTHING, NOTHING), ["not attempted", "unknown", undefined, 0]);
  assert.deepEqual(word(of("completed"), of("incomplete")), ["incomplete", "unknown", undefined, 0.5]);
  assert.deepEqual(word(of("completed"), of("passed", "80")), ["completed", "passed", 0.8, 1]);
  assert.deepEqual(word(of("passed", "100"), NOTHING), ["incomplete", "unknown", 1, 0.5]);
  assert.deepEqual(word(of("passed", "100"), of("failed", "50")), ["completed", "failed", 0.75, 1]);
  assert.equal(rollUp([of("passed"), of("failed")]).totalSeconds, 20);
});

it("takes the better of two results part by part", () => {
  const first = { completion: "completed", success: "passed", score: { scaled: 1 }, totalSeconds: 10 };
  assert.deepEqual(better(first, { completion: "unknown", success: "failed", progress: 0.2, totalSeconds: 15 }),
    { completion: "completed", success: "passed", score: { scaled: 1 }, progress: 0.2, totalSeconds: 15 });
});

it("says what has changed, and changes it again", () => {
  const from = { a: 1, b: [1, { c: 2 }], d: [1], e: null, f: { g: 1 } };
  for (const to of [from, { a: 1 }, { ...from, b: [1, { c: 3 }] }, { ...from, d: [1, 2] }, { ...from, e: [], f: null }, { ...from, new: { x: [] } }, { ...from, b: {} }]) {
    const change = JSON.parse(JSON.stringify({ d: delta(from, to) })).d;
    assert.deepEqual(apply(from, change), to);
  }
  assert.equal(delta(from, structuredClone(from)), undefined);
});
