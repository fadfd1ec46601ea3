// Learners in a real Chromium who commit for SECONDS: LINKS are launch links by comma. Prints a line when all have their course open, and
// in the end the last bookmark that each has set, as JSON by link, once their players say that everything is saved.
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

const links = process.env.LINKS.split(",");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function enter(link) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.waitForFunction(() => window.API && !document.getElementById("content").hidden);
  await page.evaluate(() => window.API.LMSInitialize(""));
  return page;
}

async function learn(page, end) {
  let last = 0;
  while (Date.now() < end) {
    last++;
    const said = await page.evaluate((bookmark) => [
      window.API.LMSSetValue("cmi.core.lesson_location", bookmark), window.API.LMSSetValue("cmi.core.lesson_status", "incomplete"), window.API.LMSCommit(""),
    ], String(last));
    if (said.some((s) => String(s) !== "true")) throw new Error(`bookmark ${last}: the API said ${said}`);
    await pause(200 + Math.random() * 200);
  }
  await page.waitForFunction(() => document.getElementById("saving").textContent === "Saved", undefined, { timeout: 90_000 });
  return last;
}

try {
  const pages = await Promise.all(links.map(enter));
  console.log("the courses are open");
  const end = Date.now() + 1000 * Number(process.env.SECONDS);
  const last = await Promise.all(pages.map((page) => learn(page, end)));
  console.log(JSON.stringify(Object.fromEntries(links.map((link, i) => [link, last[i]]))));
} finally {
  await browser.close();
}
