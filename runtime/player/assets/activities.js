/**
 * Activities of a structure.
 * @module
 */

/** All activities with something to launch, in the order of the structure. @param {any} activity @returns {any[]} */
export function leavesOf(activity) {
  const own = activity.launch ? [activity] : [];
  return [...own, ...(activity.children ?? []).flatMap(leavesOf)];
}

/** @param {string} launch path in the package, or an absolute URL */
export const isAbsolute = (launch) => /^[a-z][a-z0-9+.-]*:/i.test(launch);

/** Where an activity's content is. @param {any} doc the session document @param {any} activity */
export const addressOf = (doc, { launch }) => (isAbsolute(launch) ? launch : doc.contentBase + launch);

/** What the contents list says of a result. @param {import("./result.js").Result} result */
export function stateWord({ completion, success }) {
  if (success !== "unknown") return success;
  return { completed: "completed", incomplete: "in progress" }[completion] ?? "";
}
