/**
 * Shows and takes away content, and keeps what is around it up to date.
 * @module
 */
import { isAbsolute } from "./activities.js";
import { ContentFrame } from "./frame.js";
import { closeSession } from "./session.js";

/** How long leaving waits for the service before it lets the learner decide. */
const FAREWELL_MS = 4000;

/** @type {Record<string, string>} */
const FAREWELLS = {
  saved: "Your work is saved. You may close this window.",
  kept: "Your work is not with the service yet. Keep this window open, or come back on this device: it is sent as soon as the network is back.",
  overtaken: "Your last work is not saved: newer work on the same part came from elsewhere, and that is kept. You may close this window.",
  refused: "Your last work is not saved: the service did not take it. You may close this window.",
  superseded: "What you did since the course was opened elsewhere is not saved. You may close this window.",
  ended: "The people who run the course have ended this launch. What was saved before is kept, but your last work is not. Open the course again from where you found it.",
  erased: "The people who run the course have deleted it, or what you did in it. Nothing of it is saved any more. You may close this window.",
  untracked: "Nothing was recorded. You may close this window.",
};

export class Stage {
  /** Whether the learner has left. */
  left = false;

  /**
   * @param {import("./tracker.js").Tracker} tracker
   * @param {import("./view.js").View} view
   */
  constructor(tracker, view) {
    this.tracker = tracker;
    this.doc = tracker.doc;
    this.view = view;
    this.frame = new ContentFrame(view.frame);
  }

  /** @param {any} course Course12 or Course2004 */
  play(course) {
    this.course = course;
    this.view.onMoves({ previous: () => course.previous(), next: () => course.next(), exit: () => course.exit() });
    if (course.leaves.length > 1) this.view.offerContents();
  }

  update() {
    if (this.left) return;
    const { course } = this;
    const outlook = course.outlook();
    this.view.showMoves(outlook);
    this.view.showContents(this.doc.structure.root, course.current, outlook.describe, (id) => course.choose(id));
  }

  /** @param {any} activity @param {string} address */
  async show(activity, address) {
    this.view.showContent();
    this.update();
    const title = activity.title || this.doc.structure.title;
    this.view.announce(title);
    const status = await this.frame.open(address, title);
    if (status >= 400) this.view.notice(status === 410
      ? "The time of this launch is over. What you did is saved; open the course again from where you found it."
      : `This part of the course could not be shown (${status}). The course may be incomplete.`);
    if (isAbsolute(activity.launch)) this.view.notice("If you see nothing below, this page does not allow to be shown here.",
      { label: "Open it in a window of its own", press: () => window.open(address) });
    this.view.frame = this.frame.element;
    this.frame.element.focus();
  }

  /** Takes the content away. */
  async clear() {
    await this.frame.unload();
    this.view.frame = this.frame.element;
  }

  /** The content says that it is finished, but is still shown. @param {boolean} several */
  finished(several) {
    this.view.notice(several
      ? "This part is finished. Go on with Next, with the contents, or leave with Exit."
      : "This course is finished. Leave with Exit when you are ready.");
  }

  empty() {
    this.view.showMessage("There is nothing to show", "This course has no part that could be opened now.");
  }

  choose() {
    this.update();
    this.view.showMessage("What would you like to do next?", "Choose a part from the contents.");
  }

  /** The launch was ended while the learner was in it: nothing of what they do now would be kept. */
  async end() {
    if (this.left) return; // goodbye says so
    this.left = true;
    closeSession();
    this.view.showMoves({ previous: null, next: null, exit: false });
    this.view.showMessage("This launch has ended", FAREWELLS[this.tracker.ended]);
    await this.clear();
  }

  async goodbye() {
    this.left = true;
    closeSession();
    const { returnUrl, id } = this.doc.launch;
    const { outbox, tracked } = this.tracker;
    this.view.showMoves({ previous: null, next: null, exit: false });
    this.view.showMessage("Leaving the course …", "");
    await Promise.race([outbox.deliver(), new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    const { superseded, ended } = this.tracker; // as they are now
    const state = outbox.state(id);
    const how = !tracked ? "untracked" : ended ? ended : superseded ? "superseded" : ["saved", "overtaken", "refused"].includes(state) ? state : "kept";
    const back = isWeb(returnUrl) ? returnUrl : undefined;
    if (back && (how === "saved" || how === "untracked")) return location.replace(back);
    this.view.showMessage("You have left the course", FAREWELLS[how], back ? { label: "Back to where you came from", href: back } : undefined);
  }
}

/** @param {string|undefined} url */
const isWeb = (url) => /^https?:\/\//i.test(url ?? "");
