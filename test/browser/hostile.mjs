// Courses that attack (attacks.js), in one browser with the console, with a course of another tenant and with another course of
// their own tenant. Every attack must get nothing; the table at the end says what each has got.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { api, content, newLearner, open, untilSaved } from "./browser.mjs";
import { honestCourse, hostileCourse } from "./hostile-course.mjs";
import { atWork, CANARY, secretsIn } from "./hostile-victim.mjs";
import { answerCommits, attemptOf, attemptWith, importZip, launch, register } from "./service.mjs";

const { LECTERN_URL: base, LECTERN_KEY: school, LECTERN_RIVAL_KEY: rival } = process.env;
const STATUS = "cmi.core.lesson_status";
const rows = [];

describe("hostile courses", () => {
  let browser, context, hostile, hostileInSchool, consoleTab;
  /** @type {{name: string, key: string, course: string}[]} */
  const victims = [{ name: "another tenant's course", key: school }, { name: "another course of its tenant", key: rival }];

  before(async () => {
    browser = await open();
    hostile = await importZip("hostile.zip", await hostileCourse(), {}, rival);
    hostileInSchool = await importZip("hostile.zip", await hostileCourse(), {}, school);
    for (const v of victims) v.course = await importZip("honest.zip", honestCourse(`Honest ${v.name}`, `${CANARY} in a file`), {}, v.key);
    context = await newLearner(browser);
    consoleTab = await context.newPage();
    await signIn(consoleTab);
  });
  after(async () => {
    await browser.close();
    const width = Math.max(...rows.map((r) => r.attack.length));
    console.log(`\n${"attack".padEnd(width)}  what it got`);
    for (const r of rows) console.log(`${r.attack.padEnd(width)}  ${r.got.length ? r.got.join("; ") : "nothing"}`);
  });

  async function signIn(page) {
    await page.goto(`${base}/console/`);
    await page.getByLabel("API key").fill(school);
    await page.keyboard.press("Enter");
    await courses(page);
  }
  const courses = (page) => page.getByRole("heading", { level: 1, name: "Courses" }).waitFor();

  /** The hostile course in a tab: in page, if there is one. */
  async function attacker(page) {
    const tab = page ?? (await context.newPage());
    await tab.goto(await launch(await register(hostile, rival), {}, rival));
    await (await content(tab)).waitForFunction(() => window.attacks);
    return { tab, attack: async (name, argument) => (await content(tab)).evaluate(([n, a]) => window.attacks[n](a), [name, argument]) };
  }

  /** A row of the table. */
  const row = (attack, run) => it(attack, { timeout: 60_000 }, async () => {
    const got = await run();
    rows.push({ attack, got });
    assert.deepEqual(got, []);
  });

  row("the console's tab, after the console", async () => {
    const tab = await context.newPage();
    await tab.goto(`${base}/console/`);
    if (await tab.getByRole("heading", { level: 1, name: "Sign in" }).isVisible().catch(() => false)) await signIn(tab);
    await courses(tab);
    const { attack } = await attacker(tab);
    const got = secretsIn(await attack("collect"));
    await tab.close();
    return got;
  });

  row("a preview that the console has opened", async () => {
    await consoleTab.goto(`${base}/console/#/courses/${hostileInSchool}`);
    const [tab] = await Promise.all([context.waitForEvent("page"), consoleTab.getByRole("button", { name: "Preview" }).click()]);
    const frame = await content(tab);
    await frame.waitForFunction(() => window.attacks);
    const got = secretsIn(await frame.evaluate(() => window.attacks.collect()));
    await tab.close();
    return got;
  });

  row("the console in a window that the course opens", async () => {
    const { tab, attack } = await attacker();
    const got = secretsIn(await attack("open", [`${base}/console/`]));
    await tab.close();
    return got;
  });

  row("the console in a frame", async () => {
    const { tab, attack } = await attacker();
    const got = secretsIn(await attack("frame", `${base}/console/`));
    const shown = tab.frames().filter((f) => f.url().startsWith(`${base}/console`));
    for (const f of shown) if (await f.locator("h1").count()) got.push("the console is shown in it");
    await tab.close();
    return got;
  });

  row("the console's channel, while a second tab signs in", async () => {
    const { tab, attack } = await attacker();
    await attack("listenToChannel", ["lectern.console"]);
    const second = await context.newPage();
    await second.goto(`${base}/console/`);
    await pause(1000);
    const got = secretsIn(await attack("heard"));
    await Promise.all([tab.close(), second.close()]);
    return got;
  });

  row("the console's address, by history.pushState", async () => {
    const { tab, attack } = await attacker();
    const got = (await attack("pretend", `${base}/console/`)).filter((address) => new URL(address).origin === new URL(base).origin);
    await tab.close();
    return got;
  });

  row("a service worker", async () => {
    const { tab, attack } = await attacker();
    const got = await attack("serviceWorker");
    const left = await tab.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map((r) => r.scope));
    await tab.close();
    return [...new Set([...got, ...left])].map((scope) => `a worker for ${new URL(scope).pathname.replace(/[\w-]{20,}[^/]*/g, "…")}`);
  });

  row("the session of a learner who has left the same course, in the same tab", async () => {
    const first = await attacker();
    await api(await content(first.tab), ["Initialize", ""], ["SetValue", "cmi.suspend_data", "done"], ["Commit", ""]);
    await untilSaved(first.tab);
    const token = await first.tab.evaluate(() => sessionStorage.getItem("lectern.session"));
    await first.tab.getByRole("button", { name: "Exit" }).click();
    await first.tab.getByRole("heading", { name: "You have left the course" }).waitFor();
    // Content that has stayed in a window of its own reads what the player has left.
    const left = await first.tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    await first.tab.close();
    return secretsIn([left], [token]);
  });

  for (const victim of victims) {
    describe(victim.name, () => {
      let at;
      before(async () => { at = await atWork(context, victim); });
      after(async () => {
        await answerCommits(0);
        await at.page.close();
      });
      /** An attack by a course in a tab of its own. */
      const attackRow = (attack, run) => row(`${victim.name}: ${attack}`, async () => {
        const a = await attacker();
        const got = await run(a.attack, a.tab);
        await a.tab.close();
        return got;
      });

      row(`${victim.name}: its tab, after it`, async () => {
        const other = await atWork(context, victim);
        const { attack } = await attacker(other.page);
        const got = secretsIn(await attack("collect"), other.tokens);
        await other.page.close();
        return got;
      });

      attackRow("every storage of another tab", async (attack) => secretsIn(await attack("collect"), at.tokens));

      attackRow("storage events", async (attack) => {
        await attack("listenToStorage");
        await api(at.frame, ["SetValue", "cmi.core.lesson_location", String(Date.now())], ["Commit", ""]);
        await pause(500);
        return secretsIn(await attack("heard"), at.tokens);
      });

      for (const [what, url] of [["its player", () => `${at.origin}/player`], ["its content", () => at.contentUrl]]) {
        attackRow(`${what} in a window that the course opens`, async (attack) => secretsIn(await attack("open", [url()]), at.tokens));
        attackRow(`${what} in a frame`, async (attack) => secretsIn(await attack("frame", url()), at.tokens));
      }

      attackRow("its window by name", async (attack) => {
        await at.page.evaluate(() => { window.name = "victim"; });
        return secretsIn((await Promise.all(["victim", "content", "lectern"].map((name) => attack("open", ["", name])))).flat(), at.tokens);
      });

      /** What a course reads of the victim's window that has opened it. */
      async function opened(prepare = async () => {}) {
        const link = await launch(await register(hostile, rival), {}, rival);
        const [tab] = await Promise.all([context.waitForEvent("page"), at.frame.evaluate((url) => { window.open(url); }, link)]);
        const frame = await content(tab);
        await frame.waitForFunction(() => window.attacks);
        await prepare(frame);
        const got = secretsIn(await frame.evaluate(() => window.attacks.collect()), at.tokens);
        await tab.close();
        return got;
      }
      row(`${victim.name}: the window that has opened the attacker's`, () => opened());

      attackRow("its API and its files, and the console's, by fetch", async (attack) => {
        const bearer = { headers: { Authorization: `Bearer ${at.tokens[0]}` } };
        const secret = at.contentUrl.replace("index.html", "secret.txt");
        await at.frame.evaluate((url) => fetch(url).then((r) => r.text()), secret); // it is in the browser's cache now
        const own = (url) => new URL(url).pathname;
        const texts = await attack("fetch", [
          [`${base}/api/v1/me`, {}], [`${base}/api/v1/openapi.json`, {}], [`${base}/api/v1/courses`, { headers: { Authorization: `Bearer ${school}` } }], [`${base}/console/`, {}],
          [`${at.origin}/player/session`, bearer], [`${at.origin}/api/v1/commits`, { method: "POST", ...bearer, body: "{}" }],
          [secret, {}], [secret, { cache: "only-if-cached", mode: "same-origin" }], [secret, { mode: "no-cors", cache: "force-cache" }], [own(secret), {}], [own(secret), { cache: "force-cache" }],
        ]);
        const readable = texts.filter((text) => !text.startsWith("/") || text.includes(CANARY)); // its own origin may answer that there is nothing
        return [...new Set(readable.map((text) => `${text.includes(CANARY) ? "a file" : "an answer"} of ${new URL(text.split(": ")[0], at.origin).pathname.replace(/content\/.*/, "content/…")}`))];
      });

      attackRow("messages to its player and to the console", async (attack) => {
        const before = await at.page.evaluate(() => JSON.stringify([document.title, { ...localStorage }, { ...sessionStorage }]));
        const got = (await attack("message", [`${base}/console/`, `${at.origin}/player`])).filter((text) => !text.includes("who is signed in")).map(() => "an answer");
        if (before !== (await at.page.evaluate(() => JSON.stringify([document.title, { ...localStorage }, { ...sessionStorage }])))) got.push("a change in the victim");
        if ((await consoleTab.evaluate(() => sessionStorage.length)) === 0) got.push("the console is signed out");
        return got;
      });

      attackRow("cookies for all names of the domain", async (attack, tab) => {
        const state = () => consoleTab.evaluate(async () => {
          const answer = await fetch("/api/v1/me", { headers: { Authorization: `Bearer ${sessionStorage.getItem("lectern.console.key")}` } });
          return [answer.status, await answer.text(), (await fetch("/api/v1/me")).status];
        });
        const session = () => at.page.evaluate(async () => (await fetch("/player/session", { headers: { Authorization: `Bearer ${sessionStorage.getItem("lectern.session")}` } })).status);
        const before = [await state(), await session()];
        await attack("cookies", [new URL(tab.url()).hostname.split(".").slice(1).join("."), new URL(base).hostname]);
        const reached = (await context.cookies([base, at.origin])).filter((c) => c.value === "stolen");
        const got = JSON.stringify(before) === JSON.stringify([await state(), await session()]) ? [] : ["an answer has changed"];
        assert.ok(reached.length > 0, "the cookies do reach the others");
        await context.clearCookies();
        return got;
      });

      attackRow("a forged commit with the greatest sequence", async (attack) => {
        const found = (await attack("collect")).join("\n");
        const own = /"lectern\.session","([^"]+)"/.exec(found)?.[1];
        const tokens = [own, ...at.tokens.filter((token) => found.includes(token))];
        const body = `{"sequence":9223372036854775807,"activity":"i","cmi":{"${STATUS}":"failed"},"final":true}`;
        await answerCommits(0);
        await attack("fetch", tokens.flatMap((token) => ["", at.origin, base].map((origin) => [`${origin}/api/v1/commits`, {
          method: "POST", body, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        }])));
        await api(at.frame, ["SetValue", STATUS, "passed"], ["Commit", ""]);
        await untilSaved(at.page);
        await attemptWith(at.registration, (a) => a.activities.length > 0, "something of the victim's arrives", victim.key);
        const attempt = await attemptOf(at.registration, victim.key);
        return attempt.result.success === "passed" ? [] : [`the victim is ${attempt.result.success}, and its page says "Saved"`];
      });

      // Courses of old set document.domain, to be at one with others of their server.
      row(`${victim.name}: the window that has opened the attacker's, where both set document.domain`, () => opened(async (frame) => {
        const domain = new URL(base).hostname;
        await frame.evaluate((d) => window.attacks.widen(d), domain);
        await at.frame.evaluate((d) => [window, top].forEach((w) => { w.document.domain = d; }), domain).catch(() => {});
        assert.equal(await at.frame.evaluate(() => window.originAgentCluster), true);
      }));
    });
  }
});
