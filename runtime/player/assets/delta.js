/**
 * What has changed between two values of JSON. The sequencer's state is tens of kilobytes that hardly differ from those of a
 * course that nobody has begun, and goes with every commit.
 *
 * A delta is an array for a new value ([value], or [] for none) or an object of deltas by key.
 * @module
 * @typedef {any[]|{[key: string]: Delta}} Delta
 */

const isNested = (/** @type {unknown} */ value) => typeof value === "object" && value !== null;

/** Arrays of one length are compared by index. @param {any} a @param {any} b */
const areAlike = (a, b) => isNested(a) && isNested(b) && Array.isArray(a) === Array.isArray(b) && (!Array.isArray(a) || a.length === b.length);

/** @param {any} from @param {any} to @returns {Delta|undefined} undefined: they are equal */
export function delta(from, to) {
  if (!areAlike(from, to)) return from === to ? undefined : to === undefined ? [] : [to];
  /** @type {{[key: string]: Delta}} */
  const changes = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const change = delta(from[key], to[key]);
    if (change) changes[key] = change;
  }
  return Object.keys(changes).length ? changes : undefined;
}

/** @param {any} from @param {Delta|undefined} change @returns {any} */
export function apply(from, change) {
  if (change === undefined) return from;
  if (Array.isArray(change)) return change[0];
  const to = Array.isArray(from) ? [...from] : { ...from };
  for (const [key, inner] of Object.entries(change)) {
    const value = apply(from[key], inner);
    if (value === undefined) delete to[key];
    else to[key] = value;
  }
  return to;
}
