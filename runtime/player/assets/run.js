/**
 * One activity while it runs: from its API's first call to the state it leaves behind.
 * @module
 * @typedef {import("./cmi.js").State} State
 */
import { flatten, judge } from "./cmi.js";
import { toInterval, toSeconds, toTimespan } from "./duration.js";

/** Changes reach the service after this long, even if the content commits nothing. */
export const AUTOCOMMIT_SECONDS = 20;

/** The names in which the two standards differ. */
const NAMES = {
  scorm12: { initialize: "LMSInitialize", set: "LMSSetValue", finish: "LMSFinish", core: "cmi.core.", completion: "cmi.core.lesson_status" },
  scorm2004: { initialize: "Initialize", set: "SetValue", finish: "Terminate", core: "cmi.", completion: "cmi.completion_status" },
};

export class Run {
  #began = 0;
  #committed = 0;
  #dirty = false;
  /** @type {State|null} what Terminate left */
  #left = null;
  /** not begun → running → over */
  phase = "not begun";

  /**
   * @param {any} activity of the structure
   * @param {import("./tracker.js").Tracker} tracker
   * @param {State|undefined} before what an earlier run left; undefined in a new attempt of the activity
   */
  constructor(activity, tracker, before) {
    this.activity = activity;
    this.tracker = tracker;
    this.names = NAMES[tracker.standard];
    this.before = before;
    this.secondsBefore = toSeconds(before?.[`${this.names.core}total_time`]);
  }

  /** Listens to the API that the content will find. @param {any} api */
  attach(api) {
    this.api = api;
    api.on(this.names.initialize, () => { this.phase = "running"; this.#began = Date.now(); });
    api.on(this.names.set, () => { this.#dirty = true; });
  }

  /** What the library calls for each commit, autocommit and Terminate. @param {boolean} terminating */
  commit(terminating) {
    if (this.phase !== "running") return false;
    const state = this.capture();
    if (terminating) {
      this.phase = "over";
      this.#left = state;
    }
    this.#dirty = false;
    this.#committed = Date.now();
    return this.tracker.record(this.activity.id, state);
  }

  /** Commits what has changed since the last commit, if only the time: the page may be about to go. */
  save() {
    if (this.#dirty || Date.now() - this.#committed > AUTOCOMMIT_SECONDS * 1000) this.commit(false);
  }

  /** The content has been shown. An asset that calls no API is completed with that. */
  seen() {
    if (this.activity.kind !== "asset" || this.phase !== "not begun") return;
    this.tracker.record(this.activity.id, { ...this.before, [this.names.completion]: "completed" });
  }

  /** Ends a run whose content went without a word. */
  end() {
    if (this.phase === "running") this.api[this.names.finish]("");
  }

  /** Seconds of this run alone: as the content reports them, else as measured. */
  get seconds() {
    if (this.phase === "not begun") return 0;
    const state = this.#left ?? this.capture();
    return toSeconds(state[`${this.names.core}total_time`]) - this.secondsBefore;
  }

  /** The whole state as it is now. @returns {State} */
  capture() {
    if (this.#left) return this.#left;
    const state = flatten(this.api.renderCMIToJSONObject());
    const { core } = this.names;
    const session = toSeconds(state[`${core}session_time`]) || (Date.now() - this.#began) / 1000;
    const total = this.secondsBefore + session;
    state[`${core}total_time`] = this.tracker.standard === "scorm12" ? toTimespan(total) : toInterval(total);
    if (this.tracker.standard === "scorm2004" && state["cmi.mode"] === "normal") judge(state);
    return state;
  }
}

/**
 * What scorm-again hands commits to. It answers at once: the outbox keeps what it is given.
 * @param {(terminating: boolean) => boolean} commit
 */
export function commitService(commit) {
  return {
    updateSettings() {},
    /** @param {string} _url @param {object} _params @param {boolean} terminating */
    processHttpRequest(_url, _params, terminating) {
      return commit(terminating) ? { result: "true", errorCode: 0 } : { result: "false", errorCode: 101 };
    },
  };
}

/** Settings of scorm-again that both standards share. */
export const SETTINGS = {
  autocommit: true,
  autocommitSeconds: AUTOCOMMIT_SECONDS,
  lmsCommitUrl: "outbox", // any text: without one the library commits nothing
};
