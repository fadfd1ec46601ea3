// What tests ask of the service, through its API.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const { LECTERN_API: base, LECTERN_KEY, LECTERN_CONTROL: control } = process.env;

async function call(method, address, body, key = LECTERN_KEY) {
  const response = await fetch(`${base}/api/v1${address}`, {
    method, headers: { Authorization: `Bearer ${key}`, ...(body && { "Content-Type": "application/json" }) }, body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${address}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/**
 * Imports a package and returns the id of its course.
 * @param {{skeleton?: boolean}} options as the API has them
 */
export async function importPackage(file, options = {}) { return importZip(path.basename(file), await readFile(file), options); }

/** @param {string} [key] of another tenant */
export async function importZip(fileName, content, options = {}, key = LECTERN_KEY) {
  const { import: started, upload } = await call("POST", "/imports", { fileName, size: content.length, ...options }, key);
  const put = await fetch(new URL(new URL(upload.url).pathname, base), { method: upload.method, headers: { ...upload.headers, Authorization: `Bearer ${key}` }, body: content });
  assert.ok(put.ok, `upload ${fileName}: ${put.status} ${await put.text()}`);
  await call("POST", `/imports/${started.id}/complete`, undefined, key);
  for (;;) {
    const now = await call("GET", `/imports/${started.id}`, undefined, key);
    if (now.state === "succeeded") return now.courseId;
    assert.notEqual(now.state, "failed", JSON.stringify(now.report?.findings));
    await pause(20);
  }
}

let learners = 0;

/** Signs a new learner up. */
export async function register(courseId, key = LECTERN_KEY) {
  learners++;
  const learner = { id: `learner-${learners}`, name: `Learner, Number ${learners}` };
  return { ...(await call("POST", "/registrations", { courseId, learner }, key)), learner };
}

/** A link that opens the course once. */
export const launch = async (registration, options = {}, key = LECTERN_KEY) => (await call("POST", `/registrations/${registration.id}/launches`, options, key)).url;
/** Ends the latest launch of a registration. */
export async function endLaunch(registration) {
  const { items } = await call("GET", `/registrations/${registration.id}/launches`);
  await call("POST", `/launches/${items[0].id}/end`);
}
/** Deletes a registration with all that was tracked. */
export const eraseRegistration = (registration) => call("DELETE", `/registrations/${registration.id}`);
export const preview = async (courseId) => (await call("POST", `/courses/${courseId}/preview`, {})).url;
export const setCourse = (courseId, change) => call("PATCH", `/courses/${courseId}`, change);

/** The latest attempt with its activities. */
export async function attemptOf(registration, key = LECTERN_KEY) {
  const { items } = await call("GET", `/registrations/${registration.id}/attempts`, undefined, key);
  return call("GET", `/attempts/${items[0].id}`, undefined, key);
}

/** Waits until the latest attempt is as it should be. */
export async function attemptWith(registration, condition, what, key = LECTERN_KEY) {
  let attempt;
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(50)) {
    attempt = await attemptOf(registration, key);
    if (condition(attempt)) return attempt;
  }
  assert.fail(`${what}; but the attempt is ${JSON.stringify(attempt, null, 1)}`);
}

async function order(address) {
  const response = await fetch(control + address, { method: "POST" });
  assert.ok(response.ok, await response.text());
}

/** @param {string} ahead of the real time, e.g. "13h" */
export const setClock = (ahead) => order(`/clock?ahead=${ahead}`);
/** @param {number} status that commits are answered with; 0: as usual; -1: none, the connection breaks */
export const answerCommits = (status) => order(`/commits?answer=${status}`);
