/**
 * What the player's modules find in a browser, as far as a course needs it, so that the same modules run in Node.
 * @module
 */
import { registerHooks } from "node:module";

const player = new URL("../../../runtime/player/", import.meta.url);

// The service serves scorm-again below the player's own modules; in the repository it lies beside them.
registerHooks({
  resolve(specifier, context, next) {
    const library = specifier.startsWith("./scorm-again/") && context.parentURL?.startsWith(new URL("assets/", player).href);
    return next(library ? new URL(specifier, player).href : specifier, context);
  },
});

for (const level of /** @type {const} */ (["log", "info", "debug", "warn"])) console[level] = () => {}; // the library tells its story

/** @type {Map<string, string>} */
const kept = new Map();
Object.assign(globalThis, {
  window: globalThis,
  sessionStorage: { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value) },
});

export const { Course2004 } = await import(new URL("assets/course2004.js", player).href);
export const { Tracker } = await import(new URL("assets/tracker.js", player).href);

/** Waits until the course has done what it was asked: it leaves the content's calls before it goes on. */
export async function settled() {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve));
}
