/**
 * A course of SCORM 1.2. The standard leaves the way through several activities to us: any may be chosen, previous and next
 * follow the order, prerequisites are shown and bind nobody.
 * @module
 */
import { addressOf, leavesOf, stateWord } from "./activities.js";
import { rollUp } from "./result.js";
import { Run } from "./run.js";
import { createApi12 } from "./scorm12.js";

export class Course12 {
  /** @type {Run|null} */
  #run = null;
  #current = "";

  /**
   * @param {import("./tracker.js").Tracker} tracker
   * @param {import("./stage.js").Stage} stage
   */
  constructor(tracker, stage) {
    this.doc = tracker.doc;
    this.tracker = tracker;
    this.stage = stage;
    this.leaves = leavesOf(this.doc.structure.root);
    tracker.course = () => ({
      ...(this.leaves.length > 1 && { result: rollUp(this.leaves.map((leaf) => tracker.result(leaf.id))) }), // else it is the activity's, which the service reads itself
      state: { current: this.#current, running: this.#run?.phase === "running" },
    });
  }

  async start() {
    const state = this.doc.attempt?.state;
    this.cutOff = state?.running ? state.current : "";
    const unfinished = this.leaves.find((leaf) => this.tracker.result(leaf.id).completion !== "completed");
    const first = this.leaves.find((leaf) => leaf.id === state?.current) ?? unfinished ?? this.leaves[0];
    if (!first) return this.stage.empty();
    await this.#open(first);
  }

  /** @param {any} activity */
  async #open(activity) {
    await this.#leave();
    const last = this.#current;
    this.#current = activity.id;
    this.#run = null;
    this.tracker.repeat(last); // with it goes where the learner is now
    const run = new Run(activity, this.tracker, this.tracker.state(activity.id));
    const api = await createApi12(this.doc, run, this.cutOff === activity.id);
    api.on("SequenceNext", () => setTimeout(() => this.next()));
    api.on("SequencePrevious", () => setTimeout(() => this.previous()));
    api.on("LMSFinish", () => setTimeout(() => this.#finished()));
    Object.assign(window, { API: api });
    this.#run = run;
    this.cutOff = "";
    await this.stage.show(activity, addressOf(this.doc, activity));
    if (this.#run === run) run.seen();
  }

  /** Takes the content away. */
  async #leave() {
    await this.stage.clear();
    this.#run?.end();
  }

  #finished() {
    this.stage.update();
    if (this.#run?.phase === "over") this.stage.finished(this.leaves.length > 1);
  }

  save() { this.#run?.save(); }

  /** @param {number} by */
  #beside(by) { return this.leaves[this.leaves.findIndex((leaf) => leaf.id === this.#current) + by]; }

  get current() { return this.#current; }

  /** What the bar and the contents show. */
  outlook() {
    const several = this.leaves.length > 1;
    return {
      previous: several ? Boolean(this.#beside(-1)) : null,
      next: several ? Boolean(this.#beside(1)) : null,
      exit: true,
      describe: (/** @type {any} */ activity) => ({ state: this.#stateOf(activity), enabled: true }),
    };
  }

  /** @param {any} activity */
  #stateOf({ id, prerequisites }) {
    const missing = this.leaves.filter((leaf) => names(prerequisites, leaf.id) && this.tracker.result(leaf.id).completion !== "completed");
    return stateWord(this.tracker.result(id)) || (missing.length ? `best after ${missing.map((leaf) => leaf.title).join(", ")}` : "");
  }

  /** @param {string} id */
  async choose(id) {
    const leaf = this.leaves.find((l) => l.id === id);
    if (leaf) await this.#open(leaf);
  }
  async next() { if (this.#beside(1)) await this.#open(this.#beside(1)); }
  async previous() { if (this.#beside(-1)) await this.#open(this.#beside(-1)); }

  async exit() {
    await this.#leave();
    this.tracker.repeat(this.#current, { final: true });
    this.stage.goodbye();
  }
}

/** Whether prerequisites (a script of AICC, CMI001 5.3) name an activity. @param {string|undefined} script @param {string} id */
const names = (script, id) => (script ?? "").split(/[^\w.-]+/).includes(id);
