/**
 * A course of SCORM 2004: which activity runs is the sequencer's to say, here scorm-again's.
 * @module
 */
import { addressOf, leavesOf, stateWord } from "./activities.js";
import { apply, delta } from "./delta.js";
import { Outlook } from "./outlook.js";
import { better, resultOf } from "./result.js";
import { Run } from "./run.js";
import { createApi2004, prepareApi2004 } from "./scorm2004.js";
import { toSequencingSettings } from "./sequencing.js";

export class Course2004 {
  /** @type {any} */
  #api;
  /** @type {Outlook} */
  #ahead;
  /** The sequencer's state before anything was begun. */
  #pristine;
  /** @type {Run|null} */
  #run = null;
  /** @type {any} an activity that the sequencer wants delivered */
  #delivery = null;
  /** Whether the sequencing session is over, and whether the learner has been told. */
  #ended = false;
  #gone = false;
  /** What is done with the content happens one after the other. */
  #queue = Promise.resolve();
  /** The activity that ran last. */
  #last = "";
  /** What an ended session left. Looking at a course again does not undo it. @type {import("./result.js").Result|null} */
  #achieved = null;
  #secondsOfRuns = 0;

  /**
   * @param {import("./tracker.js").Tracker} tracker
   * @param {import("./stage.js").Stage} stage
   */
  constructor(tracker, stage) {
    this.doc = tracker.doc;
    this.tracker = tracker;
    this.stage = stage;
    this.root = this.doc.structure.root;
    this.leaves = leavesOf(this.root);
    tracker.course = () => ({
      ...(this.leaves.length > 1 && { result: this.#result() }), // else it is the activity's, which the service reads itself
      state: { ended: this.#ended, sequencing: delta(this.#pristine, JSON.parse(this.#api.serializeSequencingState())) },
    });
  }

  get #process() { return this.#api.getSequencingService().getOverallSequencingProcess(); }

  async start() {
    this.#api = await createApi2004(this.doc, toSequencingSettings(this.doc.structure), (terminating) => this.#run?.commit(terminating) ?? false);
    this.#ahead = new Outlook(await createApi2004(this.doc, toSequencingSettings(this.doc.structure), () => true));
    Object.assign(window, { API_1484_11: this.#api });
    this.#pristine = JSON.parse(this.#api.serializeSequencingState());
    this.#restore();
    this.#api.setSequencingEventListeners({
      onActivityDelivery: (/** @type {any} */ activity) => { this.#delivery = activity; this.#soon(); },
      onSequencingSessionEnd: () => { this.#ended = true; this.#soon(); },
    });
    const begun = this.#api.processNavigationRequest("resumeAll") || this.#api.processNavigationRequest("start");
    if (!begun || !this.#delivery) this.#begin();
    if (!this.#delivery) return this.stage.empty();
    await this.#inTurn(() => this.#proceed());
  }

  /** Brings back where an earlier launch was. One that was cut off counts as suspended. */
  #restore() {
    const state = this.doc.attempt?.state;
    if (!state?.sequencing) return;
    this.#api.deserializeSequencingState(JSON.stringify(apply(this.#pristine, state.sequencing)));
    if (state.ended) this.#achieved = this.doc.attempt.result;
    if (this.#api.getSequencingState().currentActivity) this.#api.processNavigationRequest("suspendAll");
  }

  /** Without flow a course begins with a choice (SN 4.3). The first possible one is as good as any, and the others stay open. */
  #begin() {
    this.#ended = false;
    for (const leaf of this.leaves) {
      if (this.#delivery) return;
      this.#api.processNavigationRequest("choice", leaf.id);
    }
  }

  /** The content is still in its call of Terminate when the sequencer decides. */
  #soon() { setTimeout(() => this.#inTurn(() => this.#proceed())); }

  /** @param {() => Promise<void>} step */
  #inTurn(step) {
    this.#queue = this.#queue.then(step);
    return this.#queue;
  }

  /** Does what the sequencer has decided. */
  async #proceed() {
    const delivery = this.#delivery;
    if (delivery) {
      this.#delivery = null;
      this.#ended = false;
      await this.#open(delivery);
    } else if (this.#ended && !this.#gone) {
      this.#gone = true;
      await this.stage.clear();
      this.#close();
      this.tracker.repeat(this.#last, { final: true });
      this.stage.goodbye();
    }
  }

  /** @param {any} delivered the library's activity */
  async #open(delivered) {
    await this.stage.clear();
    this.#close();
    const activity = this.leaves.find((leaf) => leaf.id === delivered.id);
    if (!activity) return this.stage.empty();
    const anew = !delivered.deliveryWasResumed && delivered.attemptCount > 1 && this.leaves.length > 1;
    const run = new Run(activity, this.tracker, anew ? undefined : this.tracker.state(activity.id));
    this.#run = run;
    this.tracker.repeat(this.#last); // the sequencer has moved on since it was committed
    this.#last = activity.id;
    prepareApi2004(this.#api, this.doc, run, delivered.deliveryWasResumed);
    this.#api.on("Terminate", () => setTimeout(() => this.#finished()));
    await this.stage.show(activity, addressOf(this.doc, activity));
    if (this.#run === run) run.seen();
  }

  #close() {
    this.#secondsOfRuns += this.#run?.seconds ?? 0;
    this.#run = null;
  }

  #finished() {
    this.stage.update();
    if (this.#run?.phase !== "over" || this.#delivery || this.#ended) return;
    this.tracker.repeat(this.#run.activity.id); // the sequencer has moved on since Terminate committed
    this.stage.finished(this.leaves.length > 1);
  }

  save() { this.#run?.save(); }

  /** @returns {import("./result.js").Result} */
  #result() {
    const root = this.#api.getActivityTrackingData(this.root.id);
    const seconds = (this.doc.attempt?.result.totalSeconds ?? 0) + this.#secondsOfRuns + (this.#run?.seconds ?? 0);
    const result = {
      completion: root.completionStatus, success: root.successStatus, totalSeconds: seconds,
      ...(root.score !== null && { score: { scaled: root.score } }),
      ...(root.attemptCompletionAmountStatus && { progress: root.attemptCompletionAmount }),
    };
    return this.#achieved ? better(this.#achieved, result) : result;
  }

  get current() { return this.#run?.activity.id ?? ""; }

  /** What the bar and the contents show. */
  outlook() {
    const hidden = new Set(this.#process.getEffectiveHideLmsUi(this.#api.getSequencingState().currentActivity));
    const { process: ahead, decided } = this.#run?.phase === "running" ? this.#ahead.after(this.#api, this.#run) : { process: this.#process, decided: false };
    const several = this.leaves.length > 1;
    return {
      previous: several && !hidden.has("previous") ? ahead.predictPreviousEnabled() : null,
      next: several && !hidden.has("continue") ? decided || ahead.predictContinueEnabled() : null,
      exit: !hidden.has("suspendAll") && !hidden.has("exitAll"),
      describe: (/** @type {any} */ activity) => ({
        state: this.#stateOf(activity), enabled: ahead.predictChoiceEnabled(activity.id), visible: !ahead.isHiddenFromChoice(activity.id),
      }),
    };
  }

  /** @param {any} activity */
  #stateOf(activity) {
    const tracked = this.#api.getActivityTrackingData(activity.id);
    const own = activity.id === this.current && this.tracker.state(activity.id);
    return stateWord(own ? resultOf("scorm2004", own) : { completion: tracked?.completionStatus, success: tracked?.successStatus, totalSeconds: 0 });
  }

  /** @param {string} id */
  choose(id) { return this.#request("choice", id); }
  next() { return this.#request("continue"); }
  previous() { return this.#request("previous"); }
  exit() { return this.#request("suspendAll"); }

  /**
   * What the learner asks for comes with the end of the content, as if the content had asked (SN 4.2, RTE 4.2.10): its
   * Terminate then ends the attempt and moves on in one go, so that post condition rules see the request.
   * @param {string} request @param {string} [target]
   */
  #request(request, target) {
    return this.#inTurn(async () => {
      const run = this.#run;
      if (run?.phase === "running") {
        this.#api.adl.nav.request = target ? `{target=${target}}${request}` : request;
        await this.stage.clear();
        run.end();
      } else {
        this.#api.processNavigationRequest(request, target);
        if (request === "suspendAll") this.#ended = true; // also if nothing was left to suspend
      }
      if (this.#delivery || this.#ended) return this.#proceed();
      this.#close();
      this.stage.choose();
    });
  }
}
