// What people do in the console: sign in, upload, read the report, preview, register, launch, read what was tracked.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { api, content, newLearner, open, untilSaved } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { LECTERN_URL: base, LECTERN_KEY: key, LECTERN_SAMPLES: samples } = process.env;

describe("console", () => {
  let browser, context, page;
  before(async () => {
    browser = await open();
    context = await newLearner(browser, { bypassCSP: true }); // for axe; the policy has a test of its own
    page = await context.newPage();
  });
  after(() => browser.close());

  const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
  const faults = async () => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
  };

  it("asks for a key, and says so if it is none", async () => {
    await page.goto(`${base}/console/`);
    await heading("Sign in");
    assert.deepEqual(await faults(), []);
    await page.getByLabel("API key").fill("lk_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("not a valid key").waitFor();
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await heading("Courses");
    assert.equal(await page.evaluate(() => localStorage.length), 0, "the key is where it ends with the tabs");
  });

  it("signs a second tab in from the first, and both out together", async () => {
    const second = await context.newPage();
    await second.goto(`${base}/console/`);
    await second.getByRole("heading", { level: 1, name: "Courses" }).waitFor();
    assert.equal(await second.evaluate(() => localStorage.length), 0);
    const stranger = await newLearner(browser);
    const elsewhere = await stranger.newPage();
    await elsewhere.goto(`${base}/console/`);
    await elsewhere.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await stranger.close();
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await heading("Sign in");
    await second.reload();
    await second.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await second.close();
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await heading("Courses");
  });

  it("shows what is wrong with a package", async () => {
    await page.getByLabel("A package").setInputFiles({ name: "broken.zip", mimeType: "application/zip", buffer: Buffer.from("not a zip at all") });
    await page.getByRole("button", { name: "Upload" }).click();
    await heading("broken.zip");
    await page.getByText("refused", { exact: true }).waitFor();
    assert.match(await page.getByRole("region", { name: "Findings" }).innerText(), /archive\./);
    assert.deepEqual(await faults(), []);
  });

  it("uploads a package, and shows its report and its course", async () => {
    await page.getByRole("link", { name: "Courses" }).click();
    await heading("Courses");
    await page.getByLabel("A package").setInputFiles(path.join(samples, "sample-12.zip"));
    await page.getByRole("button", { name: "Upload" }).click();
    await heading("sample-12.zip");
    await page.getByText("succeeded", { exact: true }).waitFor();
    await page.getByText("scorm12").waitFor();
    assert.deepEqual(await faults(), []);
    await page.getByRole("link", { name: "open" }).click();
    await page.getByRole("heading", { name: "Versions" }).waitFor();
    assert.deepEqual(await faults(), []);
  });

  it("previews in a tab that cannot reach this one", async () => {
    const [tab] = await Promise.all([context.waitForEvent("page"), page.getByRole("button", { name: "Preview" }).click()]);
    await content(tab);
    assert.deepEqual(await tab.evaluate(() => [window.opener, sessionStorage.getItem("lectern.console.key")]), [null, null]);
    await tab.close();
  });

  it("registers a learner, makes a link, and shows what the learner did", async () => {
    await page.getByLabel("Learner's identifier").fill("jane-4711");
    await page.getByLabel("Name", { exact: true }).fill("Doe, Jane");
    await page.getByRole("button", { name: "Register" }).click();
    await heading("Doe, Jane");
    await page.getByRole("button", { name: "Make a launch link" }).click();
    const link = await page.getByRole("link", { name: "Open as the learner" }).getAttribute("href");

    const learner = await newLearner(browser);
    const tab = await learner.newPage();
    await tab.goto(link);
    const frame = await content(tab);
    await api(frame, ["SetValue", "cmi.core.lesson_location", "page-3"], ["SetValue", "cmi.core.score.raw", "80"], ["SetValue", "cmi.interactions.0.id", "first-question"], ["Commit", ""]);
    await untilSaved(tab);
    await learner.close();

    await page.reload();
    await heading("Doe, Jane");
    const launches = page.getByRole("region", { name: "Launches" });
    assert.doesNotMatch(await launches.innerText(), /not opened/);
    assert.deepEqual(await faults(), []);
    await page.getByRole("region", { name: "Attempts" }).getByRole("link", { name: "1" }).click();
    await heading("Attempt 1");
    await page.getByText("first-question").first().waitFor();
    await page.locator("summary", { hasText: "All data" }).first().click();
    await page.getByRole("row", { name: /lesson_location/ }).getByText("page-3").waitFor();
    assert.deepEqual(await faults(), []);
  });

  it("keeps to its policy, and shows text as text", async () => {
    const strict = await newLearner(browser);
    const tab = await strict.newPage();
    const complaints = [];
    tab.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
    await tab.goto(`${base}/console/`);
    await tab.getByLabel("API key").fill(key);
    await tab.keyboard.press("Enter");
    await tab.getByRole("heading", { level: 1, name: "Courses" }).waitFor();
    await tab.getByRole("link", { name: /Learning that lasts/ }).first().click();
    await tab.getByLabel("Title").fill('<img src=x onerror="window.hurt = 1">');
    await tab.getByRole("button", { name: "Save" }).click();
    await tab.getByText("Saved.").waitFor();
    await tab.reload();
    await tab.getByRole("heading", { level: 1, name: "<img src=x" }).waitFor();
    assert.equal(await tab.evaluate(() => window.hurt), undefined);
    await tab.getByRole("button", { name: "Sign out" }).click();
    await tab.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    assert.deepEqual(complaints, []);
    await strict.close();
  });
});
