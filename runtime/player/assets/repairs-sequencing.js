/**
 * Repairs of the sequencing (SN 4). What an activity tracks and how that rolls up stays the library's; which activity a request delivers is
 * decided after the pseudo code of the standard.
 * @module
 */
import { acts, choiceRefusal, pathTo } from "./sequencing-choice.js";
import { repairRollup } from "./repairs-rollup.js";
import { repairTermination } from "./repairs-termination.js";
import { Flow } from "./sequencing-flow.js";
import { sequencingRequest } from "./sequencing-requests.js";

/** Requests after which what an activity's own rules want is of no more interest. */
const LEAVING = new Set(["exitAll", "abandonAll", "suspendAll"]);

const TARGET_VALID = /^adl\.nav\.request_valid\.(choice|jump)\.\{target=(.+)\}$/;

/** @param {any} api @param {any} structure the course's */
export function repairSequencing(api, structure) {
  const overall = api.getSequencingService().getOverallSequencingProcess();
  const flow = new Flow(overall.sequencingProcess);
  repairRequests(overall, flow, structure.objectivesGlobalToSystem === true);
  repairNavigation(overall, flow);
  repairPredictions(api, overall, flow);
  repairLimits(overall);
  keepLocalState(flow);
  holdUnaskedNavigation(api, overall);
  heedLearnerFirst(api);
  repairRollup(overall, flow);
  repairTermination(api, overall);
}

/** @param {any} overall @param {Flow} flow @param {boolean} lasting whether global objectives outlast an attempt on the course */
function repairRequests(overall, flow, lasting) {
  const process = overall.sequencingProcess;
  const original = process.sequencingRequestProcess;
  process.sequencingRequestProcess = (/** @type {string} */ request, /** @type {string|null} */ target = null) => {
    if (!lasting && BEGINNING.has(request) && beginsAnew(flow.tree.root)) forgetObjectives(overall, flow);
    return sequencingRequest(flow, request, target) ?? original.call(process, request, target);
  };
}

/** Requests that begin a new attempt on the course if there is none. */
const BEGINNING = new Set(["start", "retry", "retryAll", "choice", "jump"]);

/** @param {any} root */
const beginsAnew = (root) => !root.isActive && !root.isSuspended && root.attemptCount > 0;

/** adlseq:objectivesGlobalToSystem (SN 3.10.1). @param {any} overall @param {Flow} flow */
function forgetObjectives(overall, flow) {
  const globals = overall.getGlobalObjectiveMap();
  for (const objective of globals.values()) {
    for (const field of Object.keys(objective)) if (field.endsWith("Known")) objective[field] = false;
  }
  for (const activity of flow.tree.getAllActivities()) {
    for (const objective of activity.getAllObjectives()) {
      if (!objective.mapInfo.length) continue;
      objective.resetState();
      objective.applyToActivity(activity);
    }
  }
}

/**
 * A shared objective that nobody has set says nothing: what the activity itself tracks stands (SN 3.10.3). The library makes it unknown.
 * @param {Flow} flow
 */
function keepLocalState(flow) {
  for (const activity of flow.tree.getAllActivities()) {
    for (const objective of activity.getAllObjectives()) {
      const { applyReadMappedState } = objective;
      objective.applyReadMappedState = function ({ satisfiedStatusKnown, normalizedMeasureKnown, ...state }) {
        applyReadMappedState.call(this, { ...state, ...(satisfiedStatusKnown && { satisfiedStatusKnown }), ...(normalizedMeasureKnown && { normalizedMeasureKnown }) });
      };
    }
  }
}

/** UP.1: an attempt that is under way is not over its limit. @param {any} overall */
function repairLimits({ deliveryValidator: validator, sequencingProcess }) {
  const engine = sequencingProcess.getRuleEngine();
  const { checkLimitConditions: allows } = validator;
  const { checkLimitConditions: violates } = engine;
  validator.checkLimitConditions = (/** @type {any} */ activity) => activity.isActive || allows.call(validator, activity);
  engine.checkLimitConditions = (/** @type {any} */ activity) => !activity.isActive && violates.call(engine, activity);
}

/**
 * NB.2.1: the library lets a jump begin while its origin is still active, and refuses choices that only delivery may refuse.
 * @param {any} overall @param {Flow} flow
 */
function repairNavigation(overall, flow) {
  const service = overall.navigationValidityService;
  const { validateRequest } = service;
  service.validateRequest = (/** @type {string} */ request, /** @type {string|null} */ targetId = null) => {
    if (request !== "choice" && request !== "jump") return validateRequest.call(service, request, targetId);
    const current = flow.tree.currentActivity;
    const target = targetId === null ? undefined : flow.tree.getActivity(targetId);
    const exception = request === "choice" ? choiceRefusal(current, target) : jumpRefusal(target);
    return {
      valid: exception === null, exception, targetActivityId: targetId,
      terminationRequest: exception === null && current?.isActive ? "exit" : null,
      sequencingRequest: exception === null ? request : null,
    };
  };
}

/** @param {any} target */
const jumpRefusal = (target) => (target && (!target.parent || target.parent.getAvailableChildren().includes(target)) ? null : "NB.2.1-12");

/**
 * Whether a request would be honoured. The library looks at control modes alone; here the request is gone through as if the current activity had
 * ended, which leaves open only what its content has yet to report.
 * @param {any} api @param {any} overall @param {Flow} flow
 */
function repairPredictions(api, overall, flow) {
  const { navigationLookAhead: ahead, navigationValidityService: validity } = overall;
  const activities = () => flow.tree.getAllActivities();
  const mayBegin = (/** @type {any} */ activity) => !acts(flow, activity, "disabled") && overall.deliveryValidator.checkLimitConditions(activity); // DB.1.1
  const honoured = (/** @type {string} */ request, /** @type {string|null} */ target = null) => {
    if (!validity.validateRequest(request, target).valid) return false;
    const skipped = activities().map((/** @type {any} */ activity) => activity.wasSkipped); // looking ahead skips nothing
    const found = sequencingRequest(flow, request, target);
    const honours = found?.targetActivity ? pathTo(found.targetActivity).every((activity) => mayBegin(activity)) : found?.endSequencingSession === true;
    activities().forEach((/** @type {any} */ activity, /** @type {number} */ i) => { activity.wasSkipped = skipped[i]; });
    return honours;
  };
  ahead.predictContinueEnabled = () => honoured("continue");
  ahead.predictPreviousEnabled = () => honoured("previous");
  ahead.predictChoiceEnabled = (/** @type {string} */ id) => honoured("choice", id);
  /** Whether a rule takes an activity out of the contents that a learner chooses from (SN 3.4.2). */
  overall.isHiddenFromChoice = (/** @type {string} */ id) => pathTo(flow.tree.getActivity(id)).some((activity) => acts(flow, activity, "hiddenFromChoice"));
  const { getCMIValue } = api;
  api.getCMIValue = (/** @type {string} */ element) => { // the library knows no target with a dot in it
    const [, request, target] = TARGET_VALID.exec(element) ?? [];
    return request ? String(honoured(request, target)) : getCMIValue.call(api, element);
  };
}

/**
 * Content that terminates without a request has not asked for anything, and its learner neither. The library takes it for an Exit and at
 * once does what post condition rules say; the standard does that in place of the learner's next request (TB.2.3).
 * @param {any} api @param {any} overall
 */
function holdUnaskedNavigation(api, overall) {
  const { prepareNavigationRequest, completeNavigationRequest } = overall;
  const { lmsFinish } = api;
  let unasked = false;
  /** @type {any} what post condition rules want */
  let held = null;

  api.lmsFinish = api.Terminate = (/** @type {any[]} */ ...parameters) => {
    unasked = api.adl.nav.request === "_none_";
    try {
      return lmsFinish.apply(api, parameters);
    } finally {
      unasked = false;
    }
  };
  overall.prepareNavigationRequest = (/** @type {string} */ request, /** @type {string|null} */ target, /** @type {string} */ exit) => {
    const wanted = held;
    held = null;
    const honoured = wanted && !LEAVING.has(request) && overall.navigationValidityService.validateRequest(request, target).valid;
    return honoured ? wanted : prepareNavigationRequest.call(overall, request, target, exit);
  };
  overall.completeNavigationRequest = (/** @type {any} */ prepared) => {
    if (!unasked || prepared.deliveryRequest || !prepared.navResult.sequencingRequest) return completeNavigationRequest.call(overall, prepared);
    held = prepared;
    return { valid: true, targetActivity: null, exception: null };
  };
}

/**
 * What a learner has asked for stands, whatever the content asks for while it is taken away (RTE 4.4).
 * @param {any} api
 */
function heedLearnerFirst(api) {
  const { setCMIValue } = api;
  let asked = "";
  api.setCMIValue = (/** @type {string} */ element, /** @type {any} */ value) => {
    if (element !== "adl.nav.request") return setCMIValue.call(api, element, value);
    const { request } = api.adl.nav;
    if (request !== "_none_" && request !== asked) return "true";
    asked = String(value);
    return setCMIValue.call(api, element, value);
  };
}
