/**
 * Which activities a learner may choose, and what a choice delivers (SCORM 2004 4th ed. SN NB.2.1, SB.2.4, SB.2.9), over scorm-again's activity
 * tree.
 * @module
 * @typedef {any} Activity the library's
 */
import { siblingsOf } from "./sequencing-flow.js";

/** From the root to an activity, both included. @param {Activity} activity @returns {Activity[]} */
export const pathTo = (activity) => (activity.parent ? [...pathTo(activity.parent), activity] : [activity]);

/** @param {Activity} a @param {Activity} b @returns {Activity} */
export function commonAncestor(a, b) {
  const other = new Set(pathTo(b));
  return pathTo(a).reverse().find((activity) => other.has(activity));
}

/**
 * NB.2.1, choice: the exception, or null if the request is valid.
 * @param {Activity|null} current @param {Activity|undefined} target
 */
export function choiceRefusal(current, target) {
  if (!target) return "NB.2.1-11";
  if (target.parent && !target.parent.sequencingControls.choice) return "NB.2.1-10";
  if (!current || target.parent && target.parent === current.parent) return null;
  const path = below(commonAncestor(current, target), current);
  return path.some((activity) => activity.isActive && !activity.sequencingControls.choiceExit) ? "NB.2.1-8" : null;
}

/** The path from just below an ancestor to a descendant, which is included. @param {Activity} ancestor @param {Activity} descendant @returns {Activity[]} */
const below = (ancestor, descendant) => pathTo(descendant).slice(pathTo(ancestor).length);

/**
 * SB.2.9 up to the point where the target is known to be reachable: the exception, or null.
 * @param {import("./sequencing-flow.js").Flow} flow @param {Activity|null} current @param {Activity} target
 */
export function unreachable(flow, current, target) {
  const hides = (/** @type {Activity} */ activity) => acts(flow, activity, "hiddenFromChoice", target);
  for (const activity of pathTo(target)) {
    if (activity.parent && !siblingsOf(activity).includes(activity)) return "SB.2.9-2";
    if (hides(activity)) return "SB.2.9-3";
  }
  if (target.parent && !target.parent.sequencingControls.choice) return "SB.2.9-4";
  if (current === target) return null;
  const ancestor = current ? commonAncestor(current, target) : flow.tree.root;
  if (current && target.parent && current.parent === target.parent) return amongSiblings(flow, current, target);
  if (!current || current === ancestor) return downwards(flow, ancestor, target, true);
  const left = below(ancestor, current);
  if (left.some((activity) => !activity.sequencingControls.choiceExit)) return "SB.2.9-7";
  if (target === ancestor) return null;
  const constrained = left.slice(0, -1).reverse().find((activity) => activity.sequencingControls.constrainChoice);
  const forward = isBefore(current, target);
  if (constrained && !withinConstraint(flow, constrained, target)) return "SB.2.9-8";
  return downwards(flow, ancestor, target, forward);
}

/** SB.2.4, for each activity that a choice among siblings passes. @param {import("./sequencing-flow.js").Flow} flow @param {Activity} current @param {Activity} target */
function amongSiblings(flow, current, target) {
  const siblings = siblingsOf(target);
  const [from, to] = [siblings.indexOf(current), siblings.indexOf(target)];
  if (from < to) return siblings.slice(from, to).some((/** @type {Activity} */ activity) => acts(flow, activity, "stopForwardTraversal")) ? "SB.2.4-1" : null;
  return target.parent.sequencingControls.forwardOnly ? "SB.2.4-2" : null;
}

/** @param {import("./sequencing-flow.js").Flow} flow @param {Activity} ancestor @param {Activity} target @param {boolean} forward */
function downwards(flow, ancestor, target, forward) {
  for (const activity of [ancestor, ...below(ancestor, target)].slice(0, -1)) {
    if (forward && acts(flow, activity, "stopForwardTraversal")) return "SB.2.4-1";
    if (activity !== ancestor && !activity.isActive && activity.sequencingControls.preventActivation) return "SB.2.9-6";
  }
  return null;
}

/** SB.2.9 8.8: whether the target is the constrained activity, or where flow would go from it, or below that. @param {import("./sequencing-flow.js").Flow} flow @param {Activity} constrained @param {Activity} target */
function withinConstraint(flow, constrained, target) {
  const forward = isBefore(constrained, target);
  const next = neighbour(constrained, forward) ?? constrained;
  return [constrained, next].some((activity) => pathTo(target).includes(activity));
}

/** SB.2.6, the choice flow: the activity before or after another in the tree, not below it. @param {Activity} activity @param {boolean} forward @returns {Activity|undefined} */
function neighbour(activity, forward) {
  if (!activity.parent) return undefined;
  const siblings = siblingsOf(activity);
  return siblings[siblings.indexOf(activity) + (forward ? 1 : -1)] ?? neighbour(activity.parent, forward);
}

/** Whether one activity comes before another in the order of the tree. @param {Activity} a @param {Activity} b */
function isBefore(a, b) {
  const ancestor = commonAncestor(a, b);
  const [x, y] = [below(ancestor, a)[0], below(ancestor, b)[0]];
  if (!x || !y) return !x;
  const siblings = siblingsOf(x);
  return siblings.indexOf(x) < siblings.indexOf(y);
}

/** Whether a precondition rule of this action holds. @param {import("./sequencing-flow.js").Flow} flow @param {Activity} activity @param {string} action @param {Activity} [target] */
export function acts(flow, activity, action, target = activity) {
  const seen = flow.process.getTraversalService().getActivityForEvaluation(activity, target);
  return activity.sequencingRules.preConditionRules.some((/** @type {any} */ rule) => rule.action === action && rule.evaluate(seen) === true);
}
