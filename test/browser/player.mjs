// What learners see and do: the bar, contents, messages; by keyboard; read by axe.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { api, close, content, newLearner, open, play, untilSaved } from "./browser.mjs";
import { attemptOf, attemptWith, importPackage, launch, register } from "./service.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const version of ["12", "2004"]) {
  describe(`player with SCORM ${version}`, () => {
    let browser, course, context;
    before(async () => {
      browser = await open();
      course = await importPackage(path.join(process.env.LECTERN_SAMPLES, `sample-${version}.zip`));
    });
    after(() => browser.close());
    afterEach(() => context.close());

    /** A learner with the course open. */
    async function begin(options = {}) {
      const registration = await register(course);
      context = await newLearner(browser, options.browser);
      const page = await play(context, await launch(registration, options.launch));
      return { registration, page };
    }
    const moveOn = async (page, name, title) => {
      await page.getByRole("button", { name, exact: true }).click();
      await page.waitForFunction((t) => document.getElementById("content").title === t, title);
      return content(page);
    };
    const read = async (frame) => {
      for (let i = 0; i < 2; i++) await frame.getByRole("button", { name: "Go on" }).click();
      assert.equal(await frame.locator("#where").textContent(), "Page 3 of 3");
    };
    const answer = async (frame, answers) => {
      for (const [question, value] of Object.entries(answers)) await frame.locator(`input[name=${question}][value=${value}]`).check();
      await frame.getByRole("button", { name: "Check my answers" }).click();
    };
    const RIGHT = { familiar: "b", effort: "c", gaps: "a" };

    it("takes a learner through the course to a result", async () => {
      const { registration, page } = await begin();
      assert.equal(await page.locator("h1").textContent(), "Learning that lasts");
      await read(await content(page));
      const quiz = await moveOn(page, "Next", "The quiz");
      assert.match(await quiz.locator("#greeting").textContent(), new RegExp(registration.learner.name));
      await answer(quiz, { ...RIGHT, gaps: "b" });
      await page.getByRole("button", { name: "Exit" }).click();
      await page.getByRole("heading", { name: "You have left the course" }).waitFor();
      const attempt = await attemptWith(registration, (a) => a.result.completion === "completed", "completed");
      assert.equal(attempt.result.success, "passed");
      assert.ok(Math.abs(attempt.result.score.scaled - 0.67) < 0.01, JSON.stringify(attempt.result.score));
      assert.ok(attempt.result.totalSeconds > 0);
      const quizLeft = attempt.activities.find((a) => a.activityId === "quiz");
      assert.deepEqual(quizLeft.interactions.map((i) => i.id), ["familiar", "effort", "gaps"]);
      assert.equal(await page.evaluate(() => Object.keys(localStorage).length), 0, "nothing is left behind");
    });

    it("judges a quiz that was failed, and takes the next try", async () => {
      const { registration, page } = await begin();
      await read(await content(page));
      await answer(await moveOn(page, "Next", "The quiz"), { familiar: "a", effort: "a", gaps: "a" });
      await page.getByRole("button", { name: "Exit" }).click();
      await attemptWith(registration, (a) => a.result.success === "failed" && a.result.completion === "completed", "failed");
      await context.close();
      context = await newLearner(browser);
      const again = await play(context, await launch(registration));
      const frame = await content(again);
      assert.equal(await again.evaluate(() => document.getElementById("content").title), "The quiz", "it opens where it was left");
      assert.match(await frame.locator("#result").textContent(), /33 of 100/);
      await answer(frame, RIGHT);
      await again.getByRole("button", { name: "Exit" }).click();
      await attemptWith(registration, (a) => a.result.success === "passed", "passed");
    });

    it("comes back to where the learner was after the tab was closed", async () => {
      const { registration, page } = await begin();
      const lesson = await content(page);
      await lesson.getByRole("button", { name: "Go on" }).click();
      await untilSaved(page);
      await close(page);
      const again = await play(context, await launch(registration));
      assert.equal(await (await content(again)).locator("#where").textContent(), "Page 2 of 3");
      const quiz = await moveOn(again, "Next", "The quiz");
      await quiz.locator("#quiz").waitFor();
      await untilSaved(again);
      await context.close();
      context = await newLearner(browser);
      const third = await play(context, await launch(registration));
      await third.waitForFunction(() => document.getElementById("content").title === "The quiz");
    });

    it("goes back to where the learner came from", async () => {
      const back = `${process.env.LECTERN_URL}/console/?from=course`;
      const { registration, page } = await begin({ launch: { returnUrl: back } });
      await content(page);
      await page.getByRole("button", { name: "Exit" }).click();
      await page.waitForURL(back);
      await attemptWith(registration, (a) => a.activities.length === 1, "the lesson is kept");
    });

    it("is used by keyboard", async () => {
      const { page } = await begin({ browser: { viewport: { width: 1100, height: 700 } } });
      await content(page);
      assert.equal(await page.evaluate(() => document.activeElement.id), "content");
      await page.locator("#contents-toggle").focus();
      assert.equal(await page.locator("#contents-toggle").getAttribute("aria-expanded"), "true");
      await page.keyboard.press("Escape"); // only inside the list
      await page.locator("#contents .item").nth(1).focus();
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.getElementById("content").title === "The quiz");
      await content(page);
      assert.equal(await page.locator("#contents [aria-current]").textContent().then((t) => t.startsWith("The quiz")), true);
      if (version === "12") assert.equal(await page.locator("#next").getAttribute("aria-disabled"), "true"); // by sequencing, going on from the last one ends the course
      await page.locator("#contents .item").nth(0).focus();
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("#contents").isHidden(), true);
      assert.equal(await page.evaluate(() => document.activeElement.id), "contents-toggle");
    });

    it("fits a phone, where contents open on demand", async () => {
      const { page } = await begin({ browser: { viewport: { width: 360, height: 640 } } });
      await content(page);
      assert.equal(await page.locator("#contents").isHidden(), true);
      await page.getByRole("button", { name: "Contents" }).click();
      assert.equal(await page.locator("#contents").isVisible(), true);
      await page.locator("#contents .item").nth(1).click();
      await page.waitForFunction(() => document.getElementById("content").title === "The quiz");
      assert.equal(await page.locator("#contents").isHidden(), true, "what was chosen is seen");
      assert.equal(await page.locator("#contents-toggle").getAttribute("aria-expanded"), "false");
      await page.waitForFunction(() => document.activeElement.id === "content", undefined, { timeout: 5000 });
      await page.getByRole("button", { name: "Contents" }).click();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
      assert.ok((await page.locator("#content").boundingBox()).height > 300);
    });

    for (const scheme of ["light", "dark"]) {
      it(`has no fault that axe finds, in ${scheme} colours`, async () => {
        const { page } = await begin({ browser: { colorScheme: scheme, bypassCSP: true } });
        await content(page);
        const faults = async () => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => window.axe.run());
          return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
        };
        assert.deepEqual(await faults(), []);
        await page.getByRole("button", { name: "Exit" }).click();
        await page.getByRole("heading", { name: "You have left the course" }).waitFor();
        assert.deepEqual(await faults(), []);
      });
    }

    it("asks the browser for nothing it is not allowed", async () => {
      const complaints = [];
      const registration = await register(course);
      context = await newLearner(browser);
      context.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
      const page = await play(context, await launch(registration));
      await read(await content(page));
      await moveOn(page, "Next", "The quiz");
      await page.getByRole("button", { name: "Exit" }).click();
      await page.getByRole("heading", { name: "You have left the course" }).waitFor();
      assert.deepEqual([...complaints, ...context.complaints], []);
    });

    it("is found by content in a window of its own", async () => {
      const { page } = await begin();
      const frame = await content(page);
      const [popUp] = await Promise.all([context.waitForEvent("page"), frame.evaluate(() => { window.open("quiz.html"); })]);
      await popUp.waitForLoadState();
      assert.equal(await popUp.evaluate(() => {
        let w = window.opener;
        while (w && !w.API && !w.API_1484_11) w = w.parent === w ? null : w.parent;
        return w === window.opener.parent;
      }), true);
    });

    for (const how of ["frame", "window"]) {
      it(`plays in a ${how} of an LMS`, async () => {
        const registration = await register(course);
        const link = await launch(registration);
        context = await newLearner(browser);
        const lms = await context.newPage();
        await lms.goto(`${process.env.LECTERN_URL.replace("learn.", "lms.")}/lms`); // another site: there is nothing, but an LMS may be anywhere
        let player;
        if (how === "window") {
          [player] = await Promise.all([context.waitForEvent("page"), lms.evaluate((url) => { window.played = window.open(url); }, link)]);
          await content(player);
          assert.equal(await lms.evaluate(() => window.played.closed), false, "the LMS sees that it is open");
        } else {
          await lms.evaluate((url) => {
            document.body.innerHTML = '<iframe id="lms" width="900" height="700"></iframe>';
            document.getElementById("lms").src = url;
          }, link);
          player = await (await lms.$("#lms")).contentFrame();
          await player.locator(".notice", { hasText: "keeps nothing on this device" }).waitFor(); // a private window gives frames of other sites no storage
        }
        await (await content(player)).getByRole("button", { name: "Go on" }).click();
        await untilSaved(player);
        await attemptWith(registration, (a) => a.activities.length === 1, "the lesson is kept");
        if (how === "window") {
          await close(player);
          await lms.waitForFunction(() => window.played.closed);
        }
      });
    }

    if (version === "12") {
      it("lets the mastery score judge over what the content says", async () => {
        const { registration, page } = await begin();
        await content(page);
        const quiz = await moveOn(page, "Next", "The quiz");
        await api(quiz, ["SetValue", "cmi.core.score.raw", "59"], ["SetValue", "cmi.core.lesson_status", "passed"], ["Terminate", ""]);
        await attemptWith(registration, (a) => a.result.success === "failed", "failed by mastery score");
        assert.equal((await attemptOf(registration)).activities.find((a) => a.activityId === "quiz").cmi["cmi.core.lesson_status"], "failed");
      });
    } else {
      it("does what the content asks for with adl.nav.request", async () => {
        const { registration, page } = await begin();
        const lesson = await content(page);
        await api(lesson, ["SetValue", "adl.nav.request", "continue"], ["Terminate", ""]);
        await page.waitForFunction(() => document.getElementById("content").title === "The quiz");
        const quiz = await content(page);
        await quiz.locator("#quiz").waitFor();
        await api(quiz, ["SetValue", "adl.nav.request", "exitAll"], ["Terminate", ""]);
        await page.getByRole("heading", { name: "You have left the course" }).waitFor();
        assert.deepEqual((await attemptOf(registration)).activities.map((a) => a.activityId), ["lesson", "quiz"]);
      });

      it("opens what depends on an activity as soon as that is reported, before it ends", { skip: !process.env.LECTERN_CONTENT && "needs LECTERN_CONTENT" }, async () => {
        const forced = await importPackage(path.join(process.env.LECTERN_CONTENT, "scorm2004/SequencingForcedSequential_SCORM20043rdEdition.zip"));
        context = await newLearner(browser);
        const page = await play(context, await launch(await register(forced)));
        const frame = await content(page);
        await page.locator("#next[aria-disabled=true]").waitFor();
        await api(frame, ["SetValue", "cmi.completion_status", "completed"], ["SetValue", "cmi.success_status", "passed"], ["Commit", ""]);
        await page.locator("#next:not([aria-disabled])").waitFor();
        assert.equal(await page.locator("#contents .item:not([aria-disabled])").count(), 1, "the next one, and none beyond it");
      });

      for (const closing of [false, true]) {
        it(`suspends when the content asks for it${closing ? " while the tab is closed" : ""}, and resumes there`, async () => {
          const { registration, page } = await begin();
          await content(page);
          const quiz = await moveOn(page, "Next", "The quiz");
          await quiz.locator("#quiz").waitFor();
          if (closing) {
            await quiz.evaluate(() => addEventListener("pagehide", (e) => {
              e.stopImmediatePropagation();
              parent.API_1484_11.SetValue("adl.nav.request", "suspendAll");
              parent.API_1484_11.Terminate("");
            }, { capture: true }));
            await close(page);
          } else {
            await api(quiz, ["SetValue", "adl.nav.request", "suspendAll"], ["Terminate", ""]);
            await page.getByRole("heading", { name: "You have left the course" }).waitFor();
          }
          const again = await play(context, await launch(registration));
          await again.waitForFunction(() => document.getElementById("content").title === "The quiz");
          assert.deepEqual(await api(await content(again), ["GetValue", "cmi.entry"]), ["resume"]);
        });
      }

      it("keeps what was achieved when a course that is over is looked at again", async () => {
        const { registration, page } = await begin();
        await read(await content(page));
        await answer(await moveOn(page, "Next", "The quiz"), RIGHT);
        await api(await content(page), ["SetValue", "adl.nav.request", "exitAll"], ["Terminate", ""]);
        await attemptWith(registration, (a) => a.result.success === "passed", "passed");
        const again = await play(context, await launch(registration));
        await (await content(again)).getByRole("button", { name: "Back" }).click();
        await untilSaved(again);
        await again.getByRole("button", { name: "Exit" }).click();
        await again.getByRole("heading", { name: "You have left the course" }).waitFor();
        const { result } = await attemptOf(registration);
        assert.deepEqual([result.completion, result.success, result.score.scaled], ["completed", "passed", 1]);
      });
    }
  });
}
