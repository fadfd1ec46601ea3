// What people do in the console: sign in, upload, read the report, preview, register, launch, read what was tracked.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { api, content, newLearner, open, untilSaved } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { LECTERN_URL: base, LECTERN_API: service, LECTERN_KEY: key, LECTERN_SAMPLES: samples, LECTERN_CONTROL: control } = process.env;
const PHONE = { width: 360, height: 740 };

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

  /** Nothing on the page, in a wide window and on a phone, is wrong for axe or wider than the window. */
  const fine = async () => {
    assert.deepEqual(await faults(), []);
    const wide = page.viewportSize();
    await page.setViewportSize(PHONE);
    assert.deepEqual(await faults(), []);
    const [over, inside] = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth,
      [...document.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.getAttribute("aria-label"))]);
    assert.deepEqual([over, inside], [0, []], "nothing is wider than a phone");
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize(wide);
    return height;
  };
  const go = async (name) => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await heading(name);
  };

  it("is where the root of the host leads", async () => {
    await page.goto(`${base}/`);
    assert.equal(page.url(), `${base}/console/`);
  });

  it("asks for a key, and says so if it is none", async () => {
    await page.goto(`${base}/console/`);
    await heading("Sign in");
    await fine();
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
    await fine();
  });

  it("keeps a long report readable on a phone", async () => {
    await go("Courses");
    await page.getByLabel("A package").setInputFiles(process.env.LECTERN_BROKEN);
    await page.getByRole("button", { name: "Upload" }).click();
    await heading("broken-12.zip");
    const findings = page.getByRole("region", { name: "Findings" });
    await findings.getByText("more", { exact: false }).first().waitFor();
    const height = await fine();
    assert.ok(height < 2500, `the report is ${height} px tall`);
    await findings.locator("summary").first().click();
    assert.ok(await findings.getByText("a-picture-that-nobody-packed.png").count() > 40, "the others are there too");
    await fine();
  });

  it("uploads a package, and shows its report and its course", async () => {
    await page.getByRole("link", { name: "Courses" }).click();
    await heading("Courses");
    await page.getByLabel("A package").setInputFiles(path.join(samples, "sample-12.zip"));
    await page.getByRole("button", { name: "Upload" }).click();
    await heading("sample-12.zip");
    await page.getByText("succeeded", { exact: true }).waitFor();
    await page.getByText("scorm12").waitFor();
    await fine();
    await page.getByRole("link", { name: "open" }).click();
    await page.getByRole("heading", { name: "Versions" }).waitFor();
    await fine();
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
    await fine();
    await page.getByRole("region", { name: "Attempts" }).getByRole("link", { name: "1" }).click();
    await heading("Attempt 1");
    await page.getByText("first-question").first().waitFor();
    await page.locator("summary", { hasText: "All data" }).first().click();
    await page.getByRole("row", { name: /lesson_location/ }).getByText("page-3").waitFor();
    await fine();
  });

  it("finds registrations, and exports what it found", async () => {
    await go("Registrations");
    const list = page.getByRole("region", { name: "Registrations" });
    await list.getByRole("link", { name: "Doe, Jane" }).waitFor();
    await fine();
    await page.getByLabel("Learner or course").fill("nobody-of-this-name");
    await page.keyboard.press("Enter");
    await page.getByText("No registration is like this.").waitFor();
    await fine();
    await page.getByLabel("Learner or course").fill("jane DOE");
    await page.getByRole("button", { name: "Search" }).click();
    const row = list.getByRole("row", { name: /Doe, Jane/ });
    assert.match(await row.innerText(), /jane-4711[^]*Learning that lasts[^]*incomplete[^]*80/);
    await page.getByLabel("Completion").selectOption("completed");
    await page.getByText("No registration is like this.").waitFor();
    await page.getByLabel("Completion").selectOption("incomplete");
    await row.waitFor();
    const today = await page.evaluate(() => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10));
    await page.getByLabel("Active from").fill(today);
    await page.getByLabel("Active until").fill(today);
    await row.waitFor();
    assert.match(page.url(), /search=jane\+DOE&completion=incomplete&from=/, "the filter is part of the address");
    await page.reload();
    await row.waitFor();
    assert.equal(await list.getByRole("row").count(), 2);

    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export as CSV" }).click()]);
    assert.equal(file.suggestedFilename(), "registrations.csv");
    const [heads, line, rest] = (await readFile(await file.path(), "utf8")).split("\r\n");
    assert.match(heads, /^\ufeffregistrationId,learnerId,learnerName,/);
    assert.match(line, /,jane-4711,"Doe, Jane",[^,]*,Learning that lasts,.*,incomplete,unknown,,,,0.8,/);
    assert.equal(rest, "");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.waitForURL(/#\/registrations$/);
  });

  it("makes webhooks, tries them, pauses and deletes them", async () => {
    await go("Webhooks");
    await page.getByText("There are no webhooks.").waitFor();
    await fine();
    await page.getByLabel("Address").fill("ftp://not.a.webhook");
    await page.getByRole("button", { name: "Make the webhook" }).click();
    await page.getByRole("alert").getByText("https").waitFor();
    await page.getByLabel("Address").fill(`${control}/hook`);
    await page.getByLabel(/^import.finished/).check();
    await page.getByRole("button", { name: "Make the webhook" }).click();
    const secret = page.getByRole("region", { name: "The secret of the webhook" });
    assert.match(await secret.locator("code").innerText(), /^[0-9a-f]{64}$/);
    await fine();
    await secret.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("link", { name: `${control}/hook` }).click();
    await heading("Webhook");
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("region", { name: "Deliveries" }).getByText("delivered HTTP 200").waitFor();
    await fine();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Nothing is delivered while it is paused.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Send a test" }).count(), 0);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Replace the secret" }).click();
    const dialog = page.getByRole("dialog");
    assert.deepEqual(await faults(), []);
    await dialog.getByRole("button", { name: "Replace" }).click();
    await page.getByRole("region", { name: "The new secret of the webhook" }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await heading("Webhooks");
    await page.getByText("There are no webhooks.").waitFor();
  });

  it("makes keys, replaces and revokes them", async () => {
    await go("Keys");
    const list = page.getByRole("region", { name: "Keys" });
    await list.getByText("you are signed in with it").waitFor();
    await fine();
    await page.getByLabel("Name").fill("A portal");
    await page.getByLabel(/^read/).uncheck();
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("alert").getByText("at least one").waitFor();
    await page.getByLabel(/^read/).check();
    await page.getByRole("button", { name: "Make the key" }).click();
    const shown = page.getByRole("region", { name: "The key “A portal”" });
    const first = await shown.locator("code").innerText();
    const may = async (secret) => (await fetch(`${service}/api/v1/courses`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await may(first), 200);
    await fine();
    await page.getByRole("button", { name: "Replace A portal" }).click();
    await page.getByRole("dialog").getByLabel("The old one goes on for").selectOption("3600");
    assert.deepEqual(await faults(), []);
    await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
    await page.waitForFunction((old) => !document.querySelector(".secret code")?.textContent.includes(old), first);
    const second = await shown.locator("code").innerText();
    assert.deepEqual([await may(first), await may(second)], [200, 200], "both, for an hour");
    await list.getByRole("row", { name: /A portal.*until/ }).waitFor();
    await list.getByRole("row", { name: /A portal/ }).first().getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await list.getByText("revoked").waitFor();
    assert.deepEqual([await may(first), await may(second)], [200, 401], "the newest was revoked");
    await fine();
  });

  it("shows how much there is", async () => {
    await go("Usage");
    assert.match(await page.locator("main").innerText(), /Registrations/);
    await fine();
  });

  it("says what a key may not see", async () => {
    const answer = await fetch(`${service}/api/v1/keys`, {
      method: "POST", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, body: JSON.stringify({ name: "Reader", scopes: ["read"] }),
    });
    const reader = await newLearner(browser);
    const tab = await reader.newPage();
    await tab.goto(`${base}/console/`);
    await tab.getByLabel("API key").fill((await answer.json()).secret);
    await tab.keyboard.press("Enter");
    await tab.getByRole("link", { name: "Keys" }).click();
    await tab.getByRole("heading", { level: 1, name: "Not with this key" }).waitFor();
    await tab.getByText("lacks the scope keys").waitFor();
    await reader.close();
  });

  it("leads to a reference of the API that reads well", async () => {
    await page.getByRole("link", { name: "API", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "How to begin" }).waitFor();
    await fine();
    await page.goto(`${base}/problems/rate-limited`);
    assert.equal(page.url(), `${base}/api/v1/docs#problem-rate-limited`);
    assert.ok(await page.locator("#problem-rate-limited").isVisible());
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
