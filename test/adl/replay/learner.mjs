/**
 * A learner at the player: opens a course, does what a case says, leaves, comes back.
 * @module
 */
import { Course2004, Tracker, settled } from "./browser.mjs";

/** The page around the content. */
class Stage {
  /** @type {any} the activity that is shown */
  activity = null;
  shown = 0;
  over = false;

  async clear() {
    const { activity } = this;
    this.activity = null;
    if (activity) unload(activity);
  }
  async show(/** @type {any} */ activity) { this.activity = activity; this.shown++; this.over = false; }
  empty() {}
  choose() {}
  finished() {}
  update() {}
  goodbye() { this.over = true; }
}

/** The suite's contents that terminate only when they are taken away, and what they then ask for. @type {Record<string, string|null>} */
const AT_UNLOAD = {
  "SequencingTestSingleDoTerminate.htm": null, "tarAct4OnUnload.htm": "{target=activity_4}choice",
  "exitAllOnUnload.htm": "exitAll", "suspendAllOnUnload.htm": "suspendAll",
};

/** @param {any} activity */
const fileOf = (activity) => /[^/?]+(?=\?|$)/.exec(activity.launch)?.[0] ?? "";

/** @param {any} activity whose content goes */
function unload(activity) {
  if (!(fileOf(activity) in AT_UNLOAD)) return;
  const { API_1484_11: api } = /** @type {any} */ (globalThis);
  const request = AT_UNLOAD[fileOf(activity)];
  if (request) api.SetValue("adl.nav.request", request);
  api.Terminate("");
}

export class Learner {
  /** What the service has of the attempt, as the player left it. @type {{activities: Map<string, any>, state: any}} */
  #service = { activities: new Map(), state: null };
  /** Every state that was committed. @type {Map<string, Record<string, string>>} */
  commits = new Map();
  id = "learner_01";

  /** @param {any} structure */
  constructor(structure) { this.structure = structure; }

  /** Opens the course, as the first or as a further launch of the attempt. @param {string} [title] of the activity to begin with */
  async launch(title) {
    const service = this.#service;
    const doc = {
      structure: this.structure, contentBase: "/", launch: { id: "launch", mode: "normal" },
      learner: { id: this.id, name: "Learner One" }, limits: { suspendData: 64_000 },
      attempt: JSON.parse(JSON.stringify({
        number: 1, result: { completion: "unknown", success: "unknown", totalSeconds: 0 }, state: service.state,
        activities: [...service.activities.values()],
      })),
    };
    const outbox = {
      addEventListener() {},
      countFrom() {},
      pending: () => [],
      put: ({ body }) => {
        service.activities.set(body.activity, { activityId: body.activity, cmi: body.cmi });
        service.state = body.course.state;
        this.commits.set(JSON.stringify(body.cmi), body.cmi);
      },
    };
    this.stage = new Stage();
    const tracker = new Tracker(doc, outbox);
    this.course = new Course2004(tracker, this.stage);
    await this.course.start();
    await settled();
    if (title && this.stage.activity?.title.trim() !== title) await this.choose(title);
  }

  /** @param {string} title or that it is the root's */
  activityTitled(title) {
    if (title.startsWith("the activity that corresponds to the root")) return this.structure.root;
    const find = (/** @type {any} */ activity) => (activity.title.trim() === title ? activity : activity.children?.map(find).find(Boolean));
    const found = find(this.structure.root);
    if (!found) throw new Error(`the course has no activity titled ${title}`);
    return found;
  }

  /** The number of the activity that is shown: its content is told by the query. */
  get activity() { return /[?&]act=(\w+)/.exec(this.stage.activity?.launch ?? "")?.[1] ?? ""; }

  /** Whether the content has done with its calls once it has made them. Others go on until they are taken away. */
  get terminates() { return !(fileOf(this.stage.activity) in AT_UNLOAD); }

  /** What the content finds. */
  get api() { return /** @type {any} */ (globalThis).API_1484_11; }

  async next() { await this.course.next(); await settled(); }
  async previous() { await this.course.previous(); await settled(); }
  async choose(/** @type {string} */ title) { await this.course.choose(this.activityTitled(title).id); await settled(); }
  async leave() {
    if (!this.stage.over) await this.course.exit();
    await settled();
  }
}
