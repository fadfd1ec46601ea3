// Every package: imported, launched, driven, closed, and resumed in a browser that has never seen it.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { api, close, content, newLearner, open, play, untilSaved } from "./browser.mjs";
import { attemptOf, attemptWith, importPackage, launch, register } from "./service.mjs";

const folders = [process.env.LECTERN_SAMPLES, ...(process.env.LECTERN_CONTENT ? ["scorm12", "scorm2004"].map((f) => path.join(process.env.LECTERN_CONTENT, f)) : [])];
const packages = (await Promise.all(folders.map(async (folder) => (await readdir(folder)).filter((f) => f.endsWith(".zip")).map((f) => path.join(folder, f))))).flat();

const WORDS = {
  "1.2": {
    location: "cmi.core.lesson_location", score: "cmi.core.score.raw", suspend: "cmi.suspend_data", entry: "cmi.core.entry", exit: "cmi.core.exit",
    status: "cmi.core.lesson_status", incomplete: "incomplete", answer: "student_response", name: "cmi.core.student_name", time: "cmi.core.session_time", minute: "00:01:00",
  },
  2004: {
    location: "cmi.location", score: "cmi.score.raw", suspend: "cmi.suspend_data", entry: "cmi.entry", exit: "cmi.exit",
    status: "cmi.completion_status", incomplete: "incomplete", answer: "learner_response", name: "cmi.learner_name", time: "cmi.session_time", minute: "PT1M",
  },
};

/** These hold a manifest and not the pages it names. They are refused, unless one asks for an outline; then the player shows what is missing, and its API works. */
const INCOMPLETE = [
  "ComplexNestedOrganization_SCORM12.zip", "AdlAttributes_SCORM20043rdEdition.zip", "ContentPackagingNoSchemaVersion_SCORM20042ndEdition.zip", "MinimalValid_SCORM20043rdEdition.zip",
];

const rows = [];

describe("packages", { concurrency: 2 }, () => {
  let browser;
  before(async () => { browser = await open(); });
  after(async () => {
    await browser.close();
    const width = Math.max(...rows.map((r) => r.name.length));
    console.log(`\n${"package".padEnd(width)}  imported  launched  driven  resumed   s`);
    for (const r of rows.sort((a, b) => (a.name < b.name ? -1 : 1))) console.log(`${r.name.padEnd(width)}  ${["imported", "launched", "driven", "resumed"].map((s) => (r[s] ? "yes" : "NO").padEnd(s.length)).join("  ")} ${r.seconds.toFixed(1).padStart(4)}${INCOMPLETE.includes(path.basename(r.name)) ? "  holds no page to play" : ""}`);
  });

  for (const file of packages) {
    const name = path.relative(path.dirname(path.dirname(file)), file);
    it(name, { timeout: 90_000 }, async () => {
      const row = { name, seconds: 0 };
      rows.push(row);
      const began = Date.now();
      try {
        await run(browser, file, row);
      } finally {
        row.seconds = (Date.now() - began) / 1000;
      }
    });
  }
});

async function run(browser, file, row) {
  const skeleton = INCOMPLETE.includes(path.basename(file));
  if (skeleton) await assert.rejects(importPackage(file), /launch-file-missing/);
  const course = await importPackage(file, { skeleton });
  row.imported = true;
  const registration = await register(course);

  const first = await newLearner(browser);
  let page = await play(first, await launch(registration));
  assert.equal(new URL(page.url()).pathname, "/player", "the token has left the address");
  let frame = await content(page);
  row.launched = true;

  await press(frame);
  const version = await page.evaluate(() => (window.API ? "1.2" : "2004"));
  const w = WORDS[version];
  await begin(frame);
  const [n, own] = await api(frame, ["GetValue", "cmi.interactions._count"], ["GetValue", w.suspend]); // some courses keep data of their own
  const written = { [w.location]: `page-${n}`, [w.score]: "42", [w.suspend]: `state|${"ä".repeat(1000)}|end`, [w.status]: w.incomplete };
  const interaction = { [`cmi.interactions.${n}.id`]: "driver", [`cmi.interactions.${n}.type`]: "fill-in", [`cmi.interactions.${n}.${w.answer}`]: "forty-two" };
  for (const [element, value] of [...Object.entries(written), ...Object.entries(interaction), [w.time, w.minute], [w.exit, "suspend"]]) {
    const [answer, error] = await api(frame, ["SetValue", element, value], ["GetLastError"]);
    assert.equal(answer, "true", `SetValue(${element}) said ${answer}, error ${error}`);
  }
  assert.deepEqual(await api(frame, ["Commit", ""], ["GetLastError"]), ["true", "0"]);
  await untilSaved(page);
  const id = await activityWith(registration, w.suspend, written[w.suspend]);
  assert.deepEqual(await api(frame, ["GetValue", w.name]), [registration.learner.name]);
  row.driven = true;

  await close(page);
  await first.close();
  const left = (await settled(registration)).activities.find((a) => a.activityId === id);
  for (const [element, value] of Object.entries({ ...interaction, [w.suspend]: written[w.suspend], [w.score]: "42" })) assert.equal(left.cmi[element], value, element);
  assert.ok(left.interactions.some((i) => i.id === "driver"), "the report has the interaction");

  const second = await newLearner(browser);
  page = await play(second, await launch(registration));
  frame = await content(page);
  await begin(frame);
  const now = Object.fromEntries(await Promise.all([w.suspend, w.score, w.entry, "cmi.interactions._count"].map(async (e) => [e, (await api(frame, ["GetValue", e]))[0]])));
  if (!own) assert.equal(now[w.suspend], written[w.suspend]);
  assert.equal(now[w.score], "42");
  assert.equal(now[w.entry], left.cmi[w.exit] === "suspend" || version === "2004" ? "resume" : "");
  assert.ok(Number(now["cmi.interactions._count"]) > Number(n), "interactions are back");
  assert.ok(left.result.totalSeconds > 0, "the time is kept");
  row.resumed = true;
  await walk(page, version);
  const missing = await page.locator(".notice", { hasText: "could not be" }).count();
  assert.equal(missing > 0, skeleton, "what cannot be shown is said, and nothing else");
  await second.close();
}

/** Goes through the course with Next, as far as it lets; each activity is reported to be done, as prerequisites ask. */
async function walk(page, version) {
  for (let i = 0; i < 10; i++) {
    const frame = await content(page);
    await begin(frame);
    const done = version === "1.2" ? { "cmi.core.lesson_status": "completed" } : { "cmi.completion_status": "completed", "cmi.success_status": "passed", "cmi.progress_measure": "1", "cmi.score.scaled": "1" };
    for (const [element, value] of Object.entries(done)) assert.deepEqual(await api(frame, ["SetValue", element, value]), ["true"], element);
    assert.deepEqual(await api(frame, ["Commit", ""]), ["true"]);
    await untilSaved(page);
    const next = page.locator("#next:not([aria-disabled])");
    if (!(await next.isVisible())) break;
    const title = await page.locator("#content").getAttribute("title");
    await next.click();
    await page.waitForFunction((before) => document.getElementById("content").title !== before || document.getElementById("content").hidden, title, { timeout: 10_000 });
    if (await page.locator("#message").isVisible()) return;
  }
}

/** The attempt once nothing more arrives of a page that was closed. */
async function settled(registration) {
  for (let last = ""; ; await pause(300)) {
    const attempt = await attemptOf(registration);
    if (attempt.updatedAt === last) return attempt;
    last = attempt.updatedAt;
  }
}

/** The activity that has a value. */
async function activityWith(registration, element, value) {
  const has = (a) => a.cmi[element] === value;
  const attempt = await attemptWith(registration, (a) => a.activities.some(has), `${element} arrives`);
  return attempt.activities.find(has).activityId;
}

/** Initializes unless the content has. */
async function begin(frame) {
  const [, error] = await api(frame, ["GetValue", "cmi._version"], ["GetLastError"]);
  if (error === "0") return;
  assert.deepEqual(await api(frame, ["Initialize", ""], ["GetLastError"]), ["true", "0"]);
}

/** Presses what leads on in the content, a few times, as a learner would. */
async function press(frame) {
  for (let i = 0; i < 3; i++) {
    const button = frame.locator("input[type=button][value^=Next]:enabled, button:text-matches('^(next|go on)', 'i'):enabled").first();
    if (!(await button.isVisible().catch(() => false))) return;
    await button.click({ timeout: 3000 });
  }
}
