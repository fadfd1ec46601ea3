// Learners in a real Chromium who commit until told to stop: LINKS are launch links by comma, SECONDS how long. Prints the last bookmark
// that each has set, as JSON by link, once their players say that everything is saved.
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

const links = process.env.LINKS.split(",");
const end = Date.now() + 1000 * Number(process.env.SECONDS);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function learn(link) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.waitForFunction(() => window.API && !document.getElementById("content").hidden);
  await page.evaluate(() => window.API.LMSInitialize(""));
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
  return [link, last];
}

try {
  console.log(JSON.stringify(Object.fromEntries(await Promise.all(links.map(learn)))));
} finally {
  await browser.close();
}
