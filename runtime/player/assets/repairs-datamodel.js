/**
 * Repairs of the run-time data model (RTE 4).
 * @module
 */

/** Error codes (RTE 3.1.7). */
const GET_FAILED = 301, SET_FAILED = 351, UNDEFINED = 401, TYPE_MISMATCH = 406, DEPENDENCY = 408;

/** What holds elements and is none. */
const CONTAINER = /^(cmi(\.(learner_preference|score|(comments_from_learner|comments_from_lms|interactions|objectives)(\.\d+(\.(score|(objectives|correct_responses)(\.\d+)?))?)?))?|adl(\.(nav(\.request_valid)?|data(\.\d+)?))?)$/;

/** A record of a collection, perhaps in a record of another: collection, index, the rest. */
const RECORD = /^(cmi\.(?:interactions\.\d+\.(?:objectives|correct_responses)|interactions|objectives|comments_from_learner))\.(\d+)\.(.+)$/;

const DURATION = /^P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?)?$/;
const URN = /^urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:\S+$/;

/**
 * @param {any} api
 */
export function repairDataModel(api) {
  const { setCMIValue, getCMIValue, reset } = api;
  /** Elements that the content has set to nothing, which is a value. @type {Set<string>} */
  const blank = new Set();

  api.reset = (/** @type {any[]} */ ...how) => {
    blank.clear();
    return reset.apply(api, how);
  };
  api.setCMIValue = (/** @type {string} */ element, /** @type {unknown} */ value) => {
    const code = setError(api, element, String(value));
    if (code) {
      api.throwSCORMError(element, code);
      return "false";
    }
    blank.delete(element);
    if (value === "" && TEXT.test(element) && clear(api, element)) {
      blank.add(element);
      return "true";
    }
    return setCMIValue.call(api, element, value);
  };
  api.getCMIValue = (/** @type {string} */ element) => {
    if (blank.has(element)) return "";
    const code = getError(api, element);
    if (!code) return getCMIValue.call(api, element);
    api.throwSCORMError(element, code);
    return "";
  };
}

/** Elements of text, which the library does not take back. */
const TEXT = /^cmi\.(location|comments_from_learner\.\d+\.location)$/;

/** @param {any} api @param {string} element @returns {boolean} whether there is such an element */
function clear(api, element) {
  const parts = element.split(".");
  const name = `_${parts.pop()}`;
  let owner = api.cmi;
  for (const part of parts.slice(1)) owner = /^\d+$/.test(part) ? owner?.childArray[Number(part)] : owner?.[part];
  if (element === "cmi.location") owner = api.cmi.content;
  if (!owner || !(name in owner)) return false;
  owner[name] = "";
  return true;
}

/** How many records a collection has. @param {any} api @param {string} collection */
function countOf(api, collection) {
  let at = api.cmi;
  for (const part of collection.split(".").slice(1)) at = /^\d+$/.test(part) ? at?.childArray[Number(part)] : at?.[part];
  return at?.childArray.length ?? 0;
}

/**
 * The error of a SetValue that the library would take, or take for another; 0 if it may decide.
 * @param {any} api @param {string} element @param {string} value
 */
function setError(api, element, value) {
  if (CONTAINER.test(element)) return UNDEFINED;
  const record = RECORD.exec(element);
  if (record) {
    const [, collection, index, rest] = record;
    if (String(Number(index)) !== index) return SET_FAILED;
    const isNew = Number(index) === countOf(api, collection);
    if (collection === "cmi.interactions" && isNew && rest !== "id" && !rest.startsWith("_")) return DEPENDENCY;
  }
  if (element.endsWith(".id") && /^urn:/i.test(value) && !URN.test(value)) return TYPE_MISMATCH;
  if (/\.(latency|session_time)$/.test(element) && !DURATION.test(value)) return TYPE_MISMATCH;
  return 0;
}

/** The error of a GetValue of a record that is not there. @param {any} api @param {string} element */
function getError(api, element) {
  if (CONTAINER.test(element)) return UNDEFINED;
  for (let record = RECORD.exec(element); record; record = RECORD.exec(record[1] + ".")) {
    if (Number(record[2]) >= countOf(api, record[1])) return GET_FAILED;
  }
  return 0;
}
