/**
 * Repairs of the run-time data model (RTE 4).
 * @module
 */

/** @param {any} api */
export function repairDataModel(api) {
  refuseWholeModels(api);
}

/**
 * A data model is no element of itself. setCMIValue takes "cmi" for one and replaces the whole state with the value.
 * @param {any} api
 */
function refuseWholeModels(api) {
  const { setCMIValue, getCMIValue } = api;
  const check = (/** @type {string} */ element) => {
    const whole = element === "cmi" || element === "adl";
    if (whole) api.throwSCORMError(element, 401);
    return whole;
  };
  api.setCMIValue = (/** @type {string} */ element, /** @type {unknown} */ value) => (check(element) ? "false" : setCMIValue.call(api, element, value));
  api.getCMIValue = (/** @type {string} */ element) => (check(element) ? "" : getCMIValue.call(api, element));
}
