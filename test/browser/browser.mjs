// The browser, and what a learner or a course does in it.
import { chromium } from "playwright-core";

export const open = () => chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A browser of a new learner: nothing is stored in it. Questions that courses ask are answered with OK. */
export async function newLearner(browser, options = {}) {
  const context = await browser.newContext(options);
  context.complaints = [];
  context.on("dialog", (dialog) => dialog.accept().catch(() => {}));
  context.on("weberror", (e) => context.complaints.push(String(e.error())));
  return context;
}

/** Opens a launch link and waits for the content. */
export async function play(context, link) {
  const page = await context.newPage();
  await page.goto(link);
  await content(page);
  return page;
}

/** Closes a tab as a learner does: its pages may say goodbye. */
export const close = (page) => Promise.all([page.waitForEvent("close"), page.close({ runBeforeUnload: true })]);

/** The frame that the content runs in, once it is loaded and has found its API or has none. */
export async function content(page) {
  await page.waitForFunction(() => {
    const frame = document.getElementById("content");
    return !frame.hidden && frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.href !== "about:blank";
  }, undefined, { timeout: 15_000 });
  return (await page.$("#content")).contentFrame();
}

/** Calls the API from inside the content, found the way content finds it. */
export function api(frame, ...calls) {
  return frame.evaluate((list) => {
    let w = window;
    while (w && !w.API && !w.API_1484_11) w = w.parent === w ? null : w.parent;
    const found = w.API ?? w.API_1484_11; // content may keep either in a variable called API
    const old = "LMSInitialize" in found;
    const names = { Initialize: "LMSInitialize", Terminate: "LMSFinish", GetValue: "LMSGetValue", SetValue: "LMSSetValue", Commit: "LMSCommit", GetLastError: "LMSGetLastError" };
    return list.map(([name, ...args]) => String(found[old ? names[name] : name](...args)));
  }, calls);
}

/** Waits until the bar says that nothing is on its way. */
export const untilSaved = (page) => page.waitForFunction(() => document.getElementById("saving").textContent === "Saved", undefined, { timeout: 10_000 });
