/**
 * The sequencing request process (SCORM 2004 4th ed. SN SB.2.5–SB.2.13), over scorm-again's activity tree and tracking.
 * @module
 * @typedef {any} Activity the library's
 * @typedef {{deliveryRequest: "deliver"|"doNotDeliver", targetActivity: Activity|null, exception: string|null, endSequencingSession: boolean}} Result
 */
import { unreachable } from "./sequencing-choice.js";

/** @param {Activity} activity @returns {Result} */
const deliver = (activity) => ({ deliveryRequest: "deliver", targetActivity: activity, exception: null, endSequencingSession: false });
/** @param {string|null} exception @param {boolean} [ends] @returns {Result} */
const nothing = (exception, ends = false) => ({ deliveryRequest: "doNotDeliver", targetActivity: null, exception: ends ? null : exception, endSequencingSession: ends });
/** @param {import("./sequencing-flow.js").Candidate} found @param {string} exception @returns {Result} */
const deliverFound = (found, exception) => (found.deliverable ? deliver(found.activity) : nothing(found.exception ?? exception, found.ends));

/**
 * @param {import("./sequencing-flow.js").Flow} flow
 * @param {string} request @param {string|null} targetId
 * @returns {Result|undefined} undefined: not a request of this process
 */
export function sequencingRequest(flow, request, targetId) {
  const { currentActivity: current, suspendedActivity: suspended, root } = flow.tree;
  const target = targetId && flow.tree.getActivity(targetId);
  switch (request) {
    case "start":
      return current ? nothing("SB.2.5-1") : start(flow, root);
    case "retryAll": // TB.2.3: the attempt on the root is over, and begins anew
      flow.tree.currentActivity = null;
      return start(flow, root);
    case "resumeAll":
      if (current) return nothing("SB.2.6-1");
      return suspended ? deliver(suspended) : nothing("SB.2.6-2");
    case "continue":
      return along(flow, current, "forward", "SB.2.7");
    case "previous":
      return along(flow, current, "backward", "SB.2.8");
    case "choice":
      return target ? choice(flow, current, target) : nothing("SB.2.9-1");
    case "retry":
      if (!current) return nothing("SB.2.10-1");
      if (current.isActive || current.isSuspended) return nothing("SB.2.10-2");
      return current.children.length ? deliverFound(flow.flow(current, "forward", true), "SB.2.10-3") : deliver(current);
    case "exit":
      if (!current) return nothing("SB.2.11-1");
      return current.isActive ? nothing("SB.2.11-2") : nothing(null, !current.parent);
    case "jump":
      return target ? deliver(target) : nothing("SB.2.13-1");
  }
  return undefined;
}

/** @param {import("./sequencing-flow.js").Flow} flow @param {Activity} root */
const start = (flow, root) => (root.children.length ? deliverFound(flow.flow(root, "forward", true), "SB.2.5-2") : deliver(root));

/** @param {import("./sequencing-flow.js").Flow} flow @param {Activity|null} current @param {import("./sequencing-flow.js").Direction} direction @param {string} section */
function along(flow, current, direction, section) {
  if (!current) return nothing(`${section}-1`);
  if (current.parent && !current.parent.sequencingControls.flow) return nothing(`${section}-2`);
  return deliverFound(flow.flow(current, direction, false), `${section}-3`);
}

/** @param {import("./sequencing-flow.js").Flow} flow @param {Activity|null} current @param {Activity} target */
function choice(flow, current, target) {
  const exception = unreachable(flow, current, target);
  if (exception) return nothing(exception);
  if (target.children.length === 0) return deliver(target);
  const found = flow.flow(target, "forward", true);
  return found.deliverable ? deliver(found.activity) : nothing("SB.2.9-9");
}
