/**
 * What is known of each activity of the attempt, and commits made of it.
 * @module
 * @typedef {import("./cmi.js").State} State
 * @typedef {import("./result.js").Result} Result
 */
import { NOTHING, resultOf } from "./result.js";

export class Tracker {
  /** @type {Map<string, State>} */
  #states = new Map();
  /** Whether a newer launch has taken over: nothing is saved any more. */
  superseded = false;
  /** How the people who run the course have ended this launch: "ended" or "erased"; "" if they have not. */
  ended = "";
  /** What the course says of itself with each commit; its course sets it. @type {() => {result?: Result, state: object}} */
  course = () => ({ state: {} });

  /**
   * @param {any} doc the session document
   * @param {import("./outbox.js").Outbox} outbox
   */
  constructor(doc, outbox) {
    this.doc = doc;
    this.outbox = outbox;
    this.standard = doc.structure.standard;
    outbox.countFrom(doc.launch.id, doc.sequence ?? 0);
    for (const activity of doc.attempt?.activities ?? []) this.#states.set(activity.activityId, activity.cmi);
    for (const { body } of outbox.pending(doc.launch.id)) { // newer than what the service could tell
      this.#states.set(body.activity, body.cmi);
      if (body.course) doc.attempt.state = /** @type {any} */ (body.course).state;
    }
    outbox.addEventListener("outcome", (e) => {
      const { launch, outcome } = /** @type {CustomEvent} */ (e).detail;
      if (launch === doc.launch.id && outcome === "superseded") this.superseded = true;
    });
  }

  /** Whether this launch is tracked. A review or a preview is not. */
  get tracked() { return this.doc.launch.mode === "normal"; }

  /** @param {string} activity @returns {State|undefined} undefined: it has not been launched in this attempt */
  state(activity) { return this.#states.get(activity); }

  /** @param {string} activity */
  result(activity) {
    const state = this.#states.get(activity);
    return state ? resultOf(this.standard, state) : NOTHING;
  }

  /**
   * Keeps the state of an activity and commits it.
   * @param {string} activity @param {State} cmi
   * @param {{final?: boolean}} [how] final: the learner leaves
   * @returns {boolean} whether it is kept
   */
  record(activity, cmi, { final = false } = {}) {
    this.#states.set(activity, cmi);
    if (!this.tracked) return true;
    if (this.superseded || this.ended) return false;
    const { doc } = this;
    this.outbox.put({
      launch: doc.launch.id, token: doc.commitToken, url: doc.commitUrl,
      body: { activity, cmi, course: this.course(), final },
    });
    return true;
  }

  /** Commits once more what is known of an activity, because the course has moved on. @param {string} activity @param {{final?: boolean}} [how] */
  repeat(activity, how) {
    const state = this.#states.get(activity);
    if (state) this.record(activity, state, how);
  }
}
