/**
 * The flow subprocesses of the sequencing behavior (SCORM 2004 4th ed. SN SB.2.1–SB.2.3), over scorm-again's activity tree. The library's own
 * traversal knows neither the reversed direction of SB.2.1 nor where a traversal began.
 * @module
 * @typedef {any} Activity the library's
 * @typedef {"forward"|"backward"} Direction
 * @typedef {{next: Activity|null, direction: Direction, ends: boolean, exception: string|null}} Step  ends: the session
 * @typedef {{activity: Activity, deliverable: boolean, ends: boolean, exception: string|null}} Candidate
 */

/** @param {Activity} activity @returns {Activity[]} */
export const siblingsOf = (activity) => (activity.parent ? activity.parent.getAvailableChildren() : [activity]);

export class Flow {
  /** @param {any} process the library's SequencingProcess */
  constructor(process) {
    this.tree = process.activityTree;
    this.process = process;
  }

  get #rules() { return this.process.getTraversalService(); }

  /** UP.5: whether the activity may be delivered. @param {Activity} activity @returns {boolean} */
  allowed(activity) { return this.#rules.checkActivityProcess(activity); }

  /**
   * SB.2.3. @param {Activity} from @param {Direction} direction @param {boolean} considerChildren
   * @returns {Candidate}
   */
  flow(from, direction, considerChildren) {
    const step = this.#treeTraversal(from, direction, considerChildren, null);
    if (!step.next) return { activity: from, deliverable: false, ends: step.ends, exception: step.exception };
    return this.#activityTraversal(step.next, direction, null);
  }

  /**
   * SB.2.1. @param {Activity} from @param {Direction} direction @param {boolean} considerChildren @param {Direction|null} previous
   * @returns {Step}
   */
  #treeTraversal(from, direction, considerChildren, previous) {
    const siblings = siblingsOf(from);
    const fails = (/** @type {string|null} */ exception, ends = false) => ({ next: null, direction, ends, exception });
    let reversed = false;
    if (previous === "backward" && from.parent && siblings.at(-1) === from) {
      [direction, from, reversed] = ["backward", siblings[0], true];
    }
    this.#rules.ensureSelectionAndRandomization(from);
    const children = from.getAvailableChildren();
    const into = considerChildren && from.children.length > 0;
    if (direction === "forward") {
      if (!into && this.#isLast(from)) return fails(null, true);
      if (into) return children.length ? { next: children[0], direction, ends: false, exception: null } : fails("SB.2.1-2");
      if (siblings.at(-1) === from) return this.#treeTraversal(from.parent, "forward", false, null);
      return { next: siblings[siblings.indexOf(from) + 1], direction, ends: false, exception: null };
    }
    if (!from.parent) return fails("SB.2.1-3");
    if (into) {
      if (!children.length) return fails("SB.2.1-2");
      if (from.sequencingControls.forwardOnly) return { next: children[0], direction: "forward", ends: false, exception: null };
      return { next: children.at(-1), direction, ends: false, exception: null };
    }
    if (!reversed && from.parent.sequencingControls.forwardOnly) return fails("SB.2.1-4");
    if (siblings[0] === from) return this.#treeTraversal(from.parent, "backward", false, null);
    return { next: siblings[siblings.indexOf(from) - 1], direction, ends: false, exception: null };
  }

  /** Whether nothing comes after an activity and its descendants. @param {Activity} activity @returns {boolean} */
  #isLast(activity) {
    return !activity.parent || siblingsOf(activity).at(-1) === activity && this.#isLast(activity.parent);
  }

  /**
   * SB.2.2. @param {Activity} activity @param {Direction} direction @param {Direction|null} previous
   * @returns {Candidate}
   */
  #activityTraversal(activity, direction, previous) {
    const fails = (/** @type {string|null} */ exception, ends = false) => ({ activity, deliverable: false, ends, exception });
    if (activity.parent && !activity.parent.sequencingControls.flow) return fails("SB.2.2-1");
    if (this.#rules.checkSkippedRuleSet(activity)) {
      const step = this.#treeTraversal(activity, direction, false, previous);
      if (!step.next) return fails(step.exception, step.ends);
      const turnedBack = previous === "backward" && step.direction === "backward";
      return this.#activityTraversal(step.next, step.direction, turnedBack ? null : previous);
    }
    if (!this.allowed(activity)) return fails("SB.2.2-2");
    if (activity.children.length === 0) return { activity, deliverable: true, ends: false, exception: null };
    const step = this.#treeTraversal(activity, direction, true, null);
    if (!step.next) return fails(step.exception, step.ends);
    const reverses = direction === "backward" && step.direction === "forward";
    return this.#activityTraversal(step.next, step.direction, reverses ? "backward" : null);
  }
}
