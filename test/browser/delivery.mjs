// What happens to work when the network, the page, the tab or the launch goes away: nothing is lost in silence.
import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { api, close, content, newLearner, open, play, untilSaved } from "./browser.mjs";
import { answerCommits, attemptOf, attemptWith, endLaunch, eraseRegistration, importPackage, launch, preview, register, setClock, setCourse } from "./service.mjs";

const STATUS = "cmi.core.lesson_status";
const SCORE = "cmi.core.score.raw";
const PLACE = "cmi.core.lesson_location";

describe("delivery", () => {
  let browser, course, context, others;
  before(async () => {
    browser = await open();
    course = await importPackage(path.join(process.env.LECTERN_SAMPLES, "sample-12.zip"));
  });
  after(() => browser.close());
  afterEach(async () => {
    await setClock("0s");
    await answerCommits(0);
    for (const c of [context, ...(others ?? [])]) await c?.close();
    others = [];
  });

  /** A learner with the lesson open. Its own goodbye is switched off, so that what is saved is the player's doing. */
  async function begin(options) {
    const registration = await register(course);
    context = await newLearner(browser, options);
    const page = await play(context, await launch(registration));
    return { registration, page, frame: await silence(page) };
  }
  async function silence(page) {
    const frame = await content(page);
    await frame.evaluate(() => addEventListener("pagehide", (e) => e.stopImmediatePropagation(), { capture: true }));
    return frame;
  }
  const set = async (frame, values, last = ["Commit", ""]) => {
    const calls = Object.entries(values).map(([element, value]) => ["SetValue", element, value]);
    return (await api(frame, ...calls, last)).at(-1);
  };
  const lesson = (attempt) => attempt.activities.find((a) => a.activityId === "lesson")?.cmi ?? {};
  const arrives = (registration, element, value) => attemptWith(registration, (a) => lesson(a)[element] === value, `${element} becomes ${value}`);
  const says = (page, id, text) => page.waitForFunction(([i, t]) => document.getElementById(i).textContent.includes(t), [id, text], { timeout: 15_000 });
  const isAway = (page) => says(page, "saving", "Offline");

  it("saves what was set right before the tab is closed, without a commit of the content", async () => {
    const { registration, page, frame } = await begin();
    await set(frame, { [PLACE]: "closing" }, ["GetLastError"]);
    await close(page);
    await arrives(registration, PLACE, "closing");
  });

  it("saves when the page is hidden, as a phone does before it ends a browser", async () => {
    const { registration, page, frame } = await begin();
    await set(frame, { [PLACE]: "hidden" }, ["GetLastError"]);
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await arrives(registration, PLACE, "hidden");
  });

  it("lets the content say goodbye when the tab is closed", async () => {
    const registration = await register(course);
    context = await newLearner(browser);
    const page = await play(context, await launch(registration));
    await close(page);
    await attemptWith(registration, (a) => lesson(a)["cmi.core.exit"] === "suspend", "the lesson's own goodbye arrives");
  });

  it("keeps commits while offline and delivers them when the network is back", async () => {
    const { registration, page, frame } = await begin();
    await context.setOffline(true);
    assert.equal(await set(frame, { [PLACE]: "first" }), "true");
    await isAway(page);
    assert.equal(await set(frame, { [PLACE]: "second" }), "true");
    await context.setOffline(false);
    await untilSaved(page);
    await arrives(registration, PLACE, "second");
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [], "what waited is gone, and the token in it");
  });

  it("delivers after the page was closed without a connection and the launch has expired, from any page of its course", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(-1);
    assert.equal(await set(frame, { [PLACE]: "late" }), "true");
    const home = `${new URL(page.url()).origin}/player`;
    await close(page);
    await setClock("13h");
    await answerCommits(0);
    assert.notEqual(lesson(await attemptOf(registration))[PLACE], "late");
    const later = await context.newPage();
    await later.goto(home);
    await arrives(registration, PLACE, "late");
    await says(later, "message-title", "No course is open");
  });

  it("says so when the service no longer takes what comes so late", async () => {
    const { page, frame } = await begin();
    await untilSaved(page);
    await setClock("85h"); // 12 of the launch, 72 after it
    await set(frame, { [PLACE]: "too late" });
    await says(page, "notices", "too late");
  });

  it("delivers what an earlier launch has left before the next one begins", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(-1);
    await set(frame, { "cmi.comments": "earlier" });
    await close(page);
    await answerCommits(0);
    const next = await play(context, await launch(registration));
    assert.deepEqual(await api(await content(next), ["GetValue", "cmi.comments"]), ["earlier"]);
    await arrives(registration, "cmi.comments", "earlier");
  });

  it("tells a stale tab that it is stale, and takes nothing worse from it", async () => {
    const { registration, page: stale, frame } = await begin();
    await untilSaved(stale);
    const other = await newLearner(browser);
    others = [other];
    const live = await play(other, await launch(registration));
    const liveFrame = await content(live);
    await set(liveFrame, { [SCORE]: "90", [STATUS]: "passed" });
    await untilSaved(live);
    await set(frame, { [SCORE]: "10", [STATUS]: "incomplete" });
    await says(stale, "notices", "opened again");
    await says(stale, "saving", "No longer saved");
    assert.equal(await set(frame, { [SCORE]: "11" }), "false");
    const attempt = await attemptOf(registration);
    assert.equal(lesson(attempt)[STATUS], "passed");
    assert.equal(lesson(attempt)[SCORE], "90");
    assert.equal(await live.locator(".notice").count(), 0);
    await stale.getByRole("button", { name: "Exit" }).click();
    await says(stale, "message-text", "is not saved");
  });

  it("tries again while the service is unavailable", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(503);
    await set(frame, { [PLACE]: "patient" });
    await isAway(page);
    await answerCommits(0);
    await arrives(registration, PLACE, "patient");
    await untilSaved(page);
  });

  it("counts commits by themselves, however often content commits without a network", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    const sent = [];
    page.on("request", (r) => r.url().endsWith("/commits") && sent.push(r.postDataJSON().sequence));
    await context.setOffline(true);
    for (let n = 0; n < 40; n++) await set(frame, { [PLACE]: `offline ${n}` });
    await isAway(page);
    await context.setOffline(false);
    await untilSaved(page);
    await arrives(registration, PLACE, "offline 39");
    assert.ok(Math.max(...sent) <= 100, `they went up to ${Math.max(...sent)}`);
  });

  it("goes on from what an older release has left, which counted with the clock", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(503);
    await set(frame, { "cmi.comments": "by the clock" });
    await isAway(page);
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage).filter((k) => k.startsWith("lectern.outbox/"))) {
        const { id: _id, tried: _tried, ...entry } = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({ ...entry, body: { ...entry.body, sequence: Date.now() } }));
      }
    });
    await answerCommits(0);
    await page.reload();
    await untilSaved(page);
    await arrives(registration, "cmi.comments", "by the clock");
    await set(await content(page), { [SCORE]: "7" });
    await arrives(registration, SCORE, "7");
    assert.equal(await page.locator(".notice").count(), 0);
  });

  it("does not say that work is saved when somebody with the same session has overtaken it", async () => {
    const { registration, page, frame } = await begin();
    await set(frame, { [STATUS]: "passed" });
    await untilSaved(page);
    const forge = (ahead) => page.evaluate(async (by) => {
      const session = sessionStorage.getItem("lectern.session");
      const { sequence } = await (await fetch("/player/session", { headers: { Authorization: `Bearer ${session}` } })).json();
      const answer = await fetch("/api/v1/commits", {
        method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${session}` },
        body: JSON.stringify({ sequence: by > 1e6 ? by : sequence + by, activity: "lesson", cmi: { "cmi.core.lesson_status": "failed" },
          course: { result: { completion: "completed", success: "failed", totalSeconds: 1 } } }),
      });
      return answer.status;
    }, ahead);
    assert.equal(await forge(Number.MAX_SAFE_INTEGER), 409);
    assert.equal(await forge(5000), 200);
    await set(frame, { [PLACE]: "overtaken" });
    await says(page, "saving", "Not saved");
    await says(page, "notices", "newer work on the same part");
    await set(frame, { [PLACE]: "saved again" });
    await arrives(registration, PLACE, "saved again");
    await untilSaved(page);
    assert.equal(lesson(await attemptOf(registration))[STATUS], "passed");
  });

  it("takes nothing after the launch has ended, and says so", async () => {
    const { registration, page } = await begin();
    await untilSaved(page);
    const { session, url } = await page.evaluate(() => ({ session: sessionStorage.getItem("lectern.session"), url: "/api/v1/commits" }));
    await page.getByRole("button", { name: "Exit" }).click();
    await says(page, "message-title", "You have left");
    const status = await page.evaluate(async ([s, u]) => (await fetch(u, {
      method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${s}` },
      body: JSON.stringify({ sequence: 900, activity: "lesson", cmi: { "cmi.core.lesson_status": "failed" }, course: { result: { completion: "completed", success: "failed", totalSeconds: 1 } } }),
    })).status, [session, url]);
    assert.equal(status, 410);
    assert.notEqual(lesson(await attemptOf(registration))[STATUS], "failed");
  });

  it("says so when the service refuses a commit", async () => {
    const { page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(422);
    await set(frame, { [PLACE]: "refused" });
    await says(page, "notices", "refused it (422)");
    await says(page, "saving", "Not saved");
  });

  it("keeps a commit that something other than the service refused", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(403);
    await set(frame, { [PLACE]: "behind a firewall" });
    await isAway(page);
    await answerCommits(0);
    await arrives(registration, PLACE, "behind a firewall");
  });

  it("goes on in memory when the browser's storage is full, and says so", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await context.setOffline(true);
    await page.evaluate(() => {
      let size = 1 << 20;
      for (let i = 0; size > 0; i++) try { localStorage.setItem(`filler${i}`, "x".repeat(size)); } catch { size >>= 1; }
    });
    assert.equal(await set(frame, { [PLACE]: "in memory" }), "true");
    await says(page, "saving", "Not saved");
    await says(page, "notices", "no room");
    await context.setOffline(false);
    await untilSaved(page);
    await arrives(registration, PLACE, "in memory");
  });

  it("goes on after a reload, also with what is not delivered yet", async () => {
    const { page, frame } = await begin();
    await untilSaved(page);
    await answerCommits(503);
    await set(frame, { "cmi.comments": "before the reload", "cmi.core.exit": "suspend" });
    await isAway(page);
    await page.reload();
    const again = await content(page);
    assert.deepEqual(await api(again, ["GetValue", "cmi.comments"], ["GetValue", "cmi.core.entry"]), ["before the reload", "resume"]);
    await answerCommits(0);
    await untilSaved(page);
  });

  it("resumes a launch that was cut off", async () => {
    const { registration, page, frame } = await begin();
    await set(frame, { "cmi.comments": "cut off" });
    await untilSaved(page);
    await context.close();
    context = await newLearner(browser);
    const next = await content(await play(context, await launch(registration)));
    assert.deepEqual(await api(next, ["GetValue", "cmi.comments"], ["GetValue", "cmi.core.entry"]), ["cut off", "resume"]);
  });

  it("says so when the launch is ended, and keeps no more", async () => {
    const { registration, page, frame } = await begin();
    await set(frame, { [PLACE]: "before" });
    await arrives(registration, PLACE, "before");
    await endLaunch(registration);
    await set(frame, { [PLACE]: "after" });
    await says(page, "message-title", "This launch has ended");
    await says(page, "message-text", "your last work is not");
    assert.deepEqual(await page.evaluate(() => [sessionStorage.getItem("lectern.session"), Object.keys(localStorage).length]), [null, 0]);
    assert.equal(lesson(await attemptOf(registration))[PLACE], "before");
    await page.reload();
    await says(page, "message-title", "No course is open");
  });

  it("says so when what it is for is deleted, and promises nothing", async () => {
    const { registration, page, frame } = await begin();
    await untilSaved(page);
    await eraseRegistration(registration);
    await set(frame, { [PLACE]: "after" });
    await says(page, "message-title", "This launch has ended");
    await says(page, "message-text", "Nothing of it is saved any more");
    assert.deepEqual(await page.evaluate(() => [sessionStorage.getItem("lectern.session"), Object.keys(localStorage).length]), [null, 0]);
  });

  it("says so when a launch that was ended is reloaded", async () => {
    const { registration, page } = await begin();
    await untilSaved(page);
    await endLaunch(registration);
    await page.reload();
    await says(page, "message-title", "This launch has ended");
  });

  it("forgets the session when the learner leaves", async () => {
    const { page } = await begin();
    assert.notEqual(await page.evaluate(() => sessionStorage.getItem("lectern.session")), null);
    await page.getByRole("button", { name: "Exit" }).click();
    await says(page, "message-title", "You have left the course");
    assert.deepEqual(await page.evaluate(() => [sessionStorage.getItem("lectern.session"), sessionStorage.getItem("lectern.link"), Object.keys(localStorage).length]), [null, null, 0]);
    await page.reload();
    await says(page, "message-title", "No course is open");
  });

  it("opens a link once, and says why not again", async () => {
    const registration = await register(course);
    const link = await launch(registration);
    context = await newLearner(browser);
    const page = await play(context, link);
    const other = await newLearner(browser);
    others = [other];
    const second = await other.newPage();
    await second.goto(link);
    await says(second, "message-title", "no longer works");
    assert.equal(await second.evaluate(() => document.activeElement.id), "message");
    await second.goto(`${link.slice(0, -3)}AAA`);
    await says(second, "message-title", "not valid");
    await page.goto(link); // the same tab may come back to it
    await content(page);
  });

  it("says so when the service cannot be reached, and offers to try again", async () => {
    const link = await launch(await register(course));
    context = await newLearner(browser);
    const page = await context.newPage();
    await page.route("**/player/open", (route) => route.abort());
    await page.goto(link);
    await says(page, "message-title", "cannot be reached");
    await page.unroute("**/player/open");
    await page.getByRole("button", { name: "Try again" }).click();
    await content(page);
  });

  it("sends nothing in a review or a preview", async () => {
    const registration = await register(course);
    context = await newLearner(browser);
    const commits = [];
    context.on("request", (r) => r.url().endsWith("/commits") && commits.push(r.url()));
    for (const [link, mode] of [[await launch(registration, { mode: "review" }), "review"], [await preview(course), "browse"]]) {
      const page = await play(context, link);
      const frame = await content(page);
      assert.deepEqual(await api(frame, ["GetValue", "cmi.core.lesson_mode"], ["GetValue", "cmi.core.credit"]), [mode, "no-credit"]);
      assert.equal(await set(frame, { [PLACE]: "nothing" }), "true");
      await says(page, "saving", "nothing is recorded");
      await page.getByRole("button", { name: "Exit" }).click();
      await says(page, "message-text", "Nothing was recorded");
      await close(page);
    }
    assert.deepEqual(commits, []);
  });

  it("has the course's limit of suspend_data, below and above the library's", async () => {
    const own = await importPackage(path.join(process.env.LECTERN_SAMPLES, "sample-12.zip"));
    const refused = ["SetValue", "cmi.suspend_data", "x".repeat(5000)];
    const registration = await register(own);
    context = await newLearner(browser);
    let page = await play(context, await launch(registration));
    assert.deepEqual(await api(await content(page), refused, ["GetLastError"]), ["false", "405"]);
    await page.close();
    await setCourse(own, { suspendDataLimit: 100_000 });
    page = await play(context, await launch(registration));
    const long = "0123456789".repeat(9000);
    const frame = await silence(page);
    assert.deepEqual(await api(frame, ["SetValue", "cmi.suspend_data", long], ["GetLastError"], ["GetValue", "cmi.suspend_data"]), ["true", "0", long]);
    const home = `${new URL(page.url()).origin}/player`;
    await close(page); // more than a request may hold that outlives its page
    const later = await context.newPage();
    await later.goto(home);
    await arrives(registration, "cmi.suspend_data", long);
  });
});
