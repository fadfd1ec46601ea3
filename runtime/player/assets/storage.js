/**
 * The tab's own storage, or memory where the browser gives a page none: in a private window inside the frame of an LMS, or by a setting.
 * Then the session ends with the page.
 * @module
 */

class Memory {
  /** @type {Map<string, string>} */
  #kept = new Map();
  /** @param {string} key */
  getItem(key) { return this.#kept.get(key) ?? null; }
  /** @param {string} key @param {string} value */
  setItem(key, value) { this.#kept.set(key, value); }
  /** @param {string} key */
  removeItem(key) { this.#kept.delete(key); }
}

/** @returns {Memory|Storage} */
function find() {
  try {
    return globalThis.sessionStorage ?? new Memory();
  } catch {
    return new Memory(); // reading the property is forbidden already
  }
}

export const tabStorage = find();
/** Whether the browser keeps nothing for this page. */
export const blocked = tabStorage instanceof Memory;
