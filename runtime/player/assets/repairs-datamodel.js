/**
 * Repairs of the run-time data model (RTE 4).
 * @module
 */
import { isResponse, SAMPLES } from "./responses.js";

/** Error codes (RTE 3.1.7). */
const GET_FAILED = 301, SET_FAILED = 351, UNDEFINED = 401, UNSET = 403, TYPE_MISMATCH = 406, RANGE = 407, DEPENDENCY = 408;

/** What holds elements and is none. */
const CONTAINER = /^(cmi(\.(learner_preference|score|(comments_from_learner|comments_from_lms|interactions|objectives)(\.\d+(\.(score|(objectives|correct_responses)(\.\d+)?))?)?))?|adl(\.(nav(\.request_valid)?|data(\.\d+)?))?)$/;
/** A record of a collection, perhaps in a record of another: collection, index, the rest. */
const RECORD = /^((?:cmi\.(?:interactions\.\d+\.(?:objectives|correct_responses)|interactions|objectives|comments_from_learner))|adl\.data)\.(\d+)\.(.+)$/;
/** Texts that may be set to nothing, which the library does not take. */
const TEXT = /^cmi\.(location|learner_preference\.language|comments_from_learner\.\d+\.location|interactions\.\d+\.correct_responses\.\d+\.pattern)$/;
const RESPONSE = /^(cmi\.interactions\.\d+)\.(learner_response|correct_responses\.\d+\.pattern)$/;
/** Types of interactions that have one pattern at most (RTE 4.2.9.1). */
const ONE_PATTERN = new Set(["true-false", "likert", "numeric", "other"]);
const DURATION = /^P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?)?$/;
const URN = /^urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:\S+$/;

/** @param {any} api */
export function repairDataModel(api) {
  const { setCMIValue, getCMIValue, checkUninitializedGet, loadFromJSON, reset } = api;
  /** Elements that the content has set to nothing, which is a value. @type {Set<string>} */
  const blank = new Set();
  /** Shared data that content has set. @type {Set<string>} */
  const stored = new Set();

  const isBlank = (/** @type {string} */ element) => blank.has(element) && at(api, element) === "";

  api.checkUninitializedGet = (/** @type {string} */ element, /** @type {string} */ value) => {
    if (!isBlank(element)) checkUninitializedGet.call(api, element, value);
  };
  api.loadFromJSON = (/** @type {any} */ nested, /** @type {string|undefined} */ below) => loadFromJSON.call(api, withBlanks(nested), below);
  api.reset = (/** @type {any[]} */ ...how) => {
    blank.clear();
    return reset.apply(api, how);
  };
  api.setCMIValue = (/** @type {string} */ element, /** @type {any} */ value) => {
    const text = String(value);
    const code = setError(api, element, text);
    if (code) return refuse(api, element, code, "false");
    const counts = recordsOf(element).map(([collection]) => /** @type {const} */ ([collection, countOf(api, collection)]));
    let { result, error } = attempt(() => setCMIValue.call(api, element, value));
    if (result !== "true" && allowed(api, element, text, Number(error?.errorCode ?? api.lastErrorCode))) {
      ({ result, error } = attempt(() => put(api, element, text, setCMIValue)));
    }
    if (result !== "true") { // a record that could not be begun is none
      for (const [collection, count] of counts) {
        const records = at(api, collection)?.childArray;
        if (records && records.length > count) records.length = count;
      }
      if (error) throw error;
      return result;
    }
    blank.delete(element);
    if (text === "") blank.add(element);
    if (element.startsWith("adl.data.")) stored.add(idOfData(api, element));
    return result;
  };
  api.getCMIValue = (/** @type {string} */ element) => {
    if (isBlank(element)) {
      api.lastErrorCode = "0";
      return "";
    }
    const code = getError(api, element);
    if (code) return refuse(api, element, code, "");
    const value = getCMIValue.call(api, element);
    if (value === "" && /^adl\.data\.\d+\.store$/.test(element) && !stored.has(idOfData(api, element)) && !Number(api.lastErrorCode)) api.throwSCORMError(element, UNSET);
    return value;
  };
}

/** @param {any} api @param {string} element @param {number} code @param {string} answer */
function refuse(api, element, code, answer) {
  api.throwSCORMError(element, code);
  return answer;
}

/** The library loads nothing that is false, an empty text too. An object is not, whatever is in it. @param {any} nested @returns {any} */
function withBlanks(nested) {
  if (nested === "") return Object("");
  if (nested === null || typeof nested !== "object" || Array.isArray(nested)) return nested;
  return Object.fromEntries(Object.entries(nested).map(([key, value]) => [key, withBlanks(value)]));
}

/** The library throws some errors, and returns from others. @param {() => string} set @returns {{result: string, error?: any}} */
function attempt(set) {
  try {
    return { result: set() };
  } catch (error) {
    return { result: "false", error };
  }
}

/** What there is at a path of the data model. @param {any} api @param {string} path */
function at(api, path) {
  let here = { cmi: api.cmi, adl: api.adl };
  for (const part of path.split(".")) here = /^\d+$/.test(part) ? here?.childArray?.[Number(part)] : here?.[part];
  return /** @type {any} */ (here);
}

/** How many records a collection has. @param {any} api @param {string} collection */
const countOf = (api, collection) => at(api, collection)?.childArray?.length ?? 0;

/** The records that an element is in, the outer one first: collection, index, the rest. @param {string} element @returns {[string, string, string][]} */
function recordsOf(element) {
  const [, collection, index, rest] = RECORD.exec(element) ?? [];
  return collection ? [...recordsOf(collection), [collection, index, rest]] : [];
}

/** @param {any} api @param {string} element */
const idOfData = (api, element) => at(api, element.replace(/[^.]+$/, "id"));

/**
 * The error of a SetValue that the library would take, or take for another; 0 if it may decide.
 * @param {any} api @param {string} element @param {string} value
 */
function setError(api, element, value) {
  if (CONTAINER.test(element)) return UNDEFINED;
  for (const [collection, index] of recordsOf(element)) {
    const count = countOf(api, collection);
    if (String(Number(index)) !== index || collection === "adl.data" && Number(index) >= count) return SET_FAILED;
    if (collection === "cmi.interactions" && Number(index) === count && !/^cmi\.interactions\.\d+\.(id|_\w+)$/.test(element)) return DEPENDENCY;
  }
  if (element.endsWith(".id") && /^urn:/i.test(value) && !URN.test(value)) return TYPE_MISMATCH;
  if (/\.(latency|session_time)$/.test(element) && !DURATION.test(value)) return TYPE_MISMATCH;
  const response = RESPONSE.exec(element);
  const type = response && at(api, `${response[1]}.type`);
  if (ONE_PATTERN.has(type) && /\.correct_responses\.[1-9]\d*\./.test(element)) return SET_FAILED;
  return type && !isResponse(type, value, response[2] !== "learner_response") ? TYPE_MISMATCH : 0;
}

/** Whether a value that the library refuses is one. @param {any} api @param {string} element @param {string} value @param {number} code its error */
function allowed(api, element, value, code) {
  if (code === SET_FAILED) return /^cmi\.interactions\.\d+\.id$/.test(element) && value !== "" && at(api, element) !== undefined; // ids of interactions need not differ
  if (code === RANGE) return element === "cmi.learner_preference.delivery_speed" && /^\d+(\.\d+)?$/.test(value);
  if (code !== TYPE_MISMATCH) return false;
  return value === "" && TEXT.test(element) || RESPONSE.test(element); // a response has been judged before
}

/**
 * Puts a value where the library would not: a new record begins with a value that it takes.
 * @param {any} api @param {string} element @param {string} value @param {Function} setCMIValue the library's
 */
function put(api, element, value, setCMIValue) {
  const name = /** @type {string} */ (element.split(".").pop());
  const response = RESPONSE.exec(element);
  const owner = () => at(api, element.slice(0, -name.length - 1));
  if (!owner() && response) setCMIValue.call(api, element, SAMPLES[at(api, `${response[1]}.type`)] ?? "a");
  const holder = element === "cmi.location" ? api.cmi.content : owner();
  if (!holder || !(`_${name}` in holder)) return "false";
  holder[`_${name}`] = value;
  api.lastErrorCode = "0";
  return "true";
}

/** The error of a GetValue of a record that is not there. @param {any} api @param {string} element */
function getError(api, element) {
  if (CONTAINER.test(element)) return UNDEFINED;
  return recordsOf(element).some(([collection, index]) => Number(index) >= countOf(api, collection)) ? GET_FAILED : 0;
}
