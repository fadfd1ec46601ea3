// Who hostile courses are after, and what of theirs an attack must not get.
import assert from "node:assert/strict";
import { api, content, play } from "./browser.mjs";
import { answerCommits, launch, register } from "./service.mjs";

export const CANARY = "canary-of-the-victim";

/**
 * A victim at work: its course keeps things in every place of the browser, and a commit is on its way.
 * @param {{course: string, key: string}} victim course and its tenant's key
 */
export async function atWork(context, victim) {
  const registration = await register(victim.course, victim.key);
  await answerCommits(503);
  const page = await play(context, await launch(registration, {}, victim.key));
  const frame = await content(page);
  await frame.evaluate(async (canary) => {
    document.cookie = `own=${canary}`;
    localStorage.setItem("own", canary);
    indexedDB.open(canary);
    await (await caches.open(canary)).put("/x", new Response(canary));
  }, CANARY);
  await api(frame, ["Initialize", ""], ["SetValue", "cmi.suspend_data", CANARY], ["Commit", ""]);
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith("lectern.outbox/")));
  const tokens = await page.evaluate(() => {
    const waiting = Object.entries(localStorage).filter(([key]) => key.startsWith("lectern.outbox/")).map(([, value]) => JSON.parse(value));
    return [sessionStorage.getItem("lectern.session"), ...waiting.map((entry) => entry.token)];
  });
  assert.ok(tokens.length > 1 && tokens.every(Boolean), "there is something to steal");
  return { registration, page, frame, tokens, origin: new URL(page.url()).origin, contentUrl: frame.url() };
}

/** What of the secrets is in texts that an attack got; and the pages that it could read. */
export const secretsIn = (texts, tokens = []) => {
  const all = texts.join("\n");
  const secrets = {
    "the console's key": process.env.LECTERN_KEY, "the victim's data": CANARY,
    "the victim's session": tokens[0], "a token of the victim's": tokens[1],
    "the console's page": "<title>Lectern</title>", "the victim's page": "Honest",
  };
  return Object.entries(secrets).filter(([, secret]) => secret && all.includes(secret)).map(([what]) => what);
};
