/**
 * The limit of suspend_data is the course's: scorm-again takes 64,000 characters in both standards, while SCORM 1.2 asks for
 * 4,096 and courses are known that send more than either.
 * @module
 */

const LIBRARY_LIMIT = 64_000;

/**
 * @param {any} owner the library's object that has suspend_data: cmi.core (SCORM 1.2) or cmi.content (2004)
 * @param {number} limit characters
 */
export function limitSuspendData(owner, limit) {
  const own = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Object.getPrototypeOf(owner), "suspend_data"));
  Object.defineProperty(owner, "suspend_data", {
    configurable: true,
    get: own.get,
    set(value) {
      if (value.length > limit) own.set?.call(this, "x".repeat(LIBRARY_LIMIT + 1)); // throws the library's own error
      else if (value.length > LIBRARY_LIMIT) this._suspend_data = value;
      else own.set?.call(this, value);
    },
  });
}
