/**
 * Durations of the two standards, and seconds.
 * @module
 */

/** CMITimespan of SCORM 1.2 (RTE 3.4.2.1): hours, minutes, seconds and hundredths. */
const TIMESPAN = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/;
/** timeinterval(second,10,2) of SCORM 2004 (RTE 4.1.1.7): a duration of ISO 8601. */
const INTERVAL = /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/;
const INTERVAL_SECONDS = [31_536_000, 2_592_000, 86_400, 3600, 60, 1]; // a year has 365 days, a month 30

/**
 * @param {string|undefined} text a duration of either standard
 * @returns {number} seconds; 0 if it is not one
 */
export function toSeconds(text) {
  const span = TIMESPAN.exec(text ?? "");
  if (span) return Number(span[1]) * 3600 + Number(span[2]) * 60 + Number(span[3]);
  const interval = INTERVAL.exec(text ?? "");
  if (!interval) return 0;
  return INTERVAL_SECONDS.reduce((sum, unit, i) => sum + unit * Number(interval[i + 1] ?? 0), 0);
}

/** @param {number} seconds @returns {string} a CMITimespan */
export function toTimespan(seconds) {
  const hundredths = Math.round(seconds * 100);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const clock = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60, Math.floor(hundredths / 100) % 60].map(two).join(":");
  return hundredths % 100 ? `${clock}.${two(hundredths % 100)}` : clock;
}

/** @param {number} seconds @returns {string} a duration of ISO 8601 */
export function toInterval(seconds) {
  const hundredths = Math.round(seconds * 100);
  const hours = Math.floor(hundredths / 360_000);
  const minutes = Math.floor(hundredths / 6000) % 60;
  return `PT${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${(hundredths % 6000) / 100}S`;
}
