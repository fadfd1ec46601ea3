/**
 * The player: opens the launch and puts the parts together.
 * @module
 */
import { Course12 } from "./course12.js";
import { Course2004 } from "./course2004.js";
import { Outbox } from "./outbox.js";
import { openSession, Refusal, endingOf } from "./session.js";
import { Stage } from "./stage.js";
import { blocked } from "./storage.js";
import { Tracker } from "./tracker.js";
import { View } from "./view.js";

/** What an earlier launch could not deliver goes first, for this launch begins where that one is known to have ended. */
const EARLIER_MS = 5000;

/** @type {Record<string, [string, string, boolean]>} title, text, whether trying again may help */
const REFUSALS = {
  offline: ["The course cannot be reached", "You seem to be offline. Check your connection and try again.", true],
  unavailable: ["The course cannot be opened right now", "The service is busy or being updated. Try again in a moment.", true],
  over: ["This link no longer works", "It was used already or is too old. Go back to where you found the course and open it again; your work is kept.", false],
  ended: ["This launch has ended", "Go back to where you found the course and open it again; your work is kept.", false],
  erased: ["This is no longer here", "What this link was for has been deleted, with all that was saved. Tell the people who gave you the link if you did not expect that.", false],
  invalid: ["This link is not valid", "Go back to where you found the course and open it again. If that does not help, tell the people who gave you the link.", false],
  missing: ["No course is open here", "Open a course from where you found it.", false],
};

/** @type {Record<string, string>} */
const SAVING = { saved: "Saved", saving: "Saving …", kept: "Offline – kept on this device", unsafe: "Not saved – keep this window open", superseded: "No longer saved here",
  overtaken: "Not saved – newer work is kept", refused: "Not saved – refused by the service", ended: "Ended" };
/** @type {Record<string, string>} */
const UNTRACKED = { review: "Review – nothing is recorded", browse: "Preview – nothing is recorded" };

const view = new View();
const outbox = new Outbox().start();

async function play() {
  await Promise.race([outbox.deliver(), new Promise((resolve) => setTimeout(resolve, EARLIER_MS))]);
  const doc = await openSession();
  view.setTitle(doc.structure.title || "Course");
  const tracker = new Tracker(doc, outbox);
  const stage = new Stage(tracker, view);
  const course = doc.structure.standard === "scorm12" ? new Course12(tracker, stage) : new Course2004(tracker, stage);
  stage.play(course);
  watchSaving(tracker, stage);
  watchPage(doc, course);
  await course.start();
}

/** @param {Tracker} tracker @param {Stage} stage */
function watchSaving(tracker, stage) {
  const { doc } = tracker;
  if (doc.launch.mode !== "normal") return view.setSaving(UNTRACKED[doc.launch.mode]);
  let last = "";
  const show = () => {
    const state = tracker.ended ? "ended" : tracker.superseded ? "superseded" : outbox.state(doc.launch.id);
    if (state === last) return;
    view.setSaving(SAVING[state]);
    const worry = (/** @type {string} */ s) => ["kept", "unsafe", "overtaken", "refused"].includes(s);
    if (worry(state) || (worry(last) && state === "saved")) view.announce(SAVING[state]);
    if (state === "unsafe" && !blocked) view.notice("This browser has no room left to keep your work. Keep this window open until it says “Saved”.");
    last = state;
  };
  show();
  if (blocked) view.notice("This browser keeps nothing on this device for this page, by a setting or because the window is private. Your work is saved, but do not close or reload the window unless it says “Saved”.");
  outbox.addEventListener("change", show);
  outbox.addEventListener("outcome", (e) => {
    const { launch, outcome } = /** @type {CustomEvent} */ (e).detail;
    if (launch === doc.launch.id && outcome === "superseded") {
      view.notice("This course has been opened again, in another window or on another device. What you do here is no longer saved.");
      show();
    } else {
      stage.update();
    }
  });
  outbox.addEventListener("overtaken", (e) => {
    const whose = /** @type {CustomEvent} */ (e).detail.launch === doc.launch.id ? "Your last work" : "Some work of an earlier visit";
    view.notice(`${whose} was not saved: newer work on the same part came from elsewhere, and that is kept. If the course is open in another window, go on in one of them only.`);
  });
  outbox.addEventListener("lost", (e) => {
    const { launch, status, problem } = /** @type {CustomEvent} */ (e).detail;
    const ended = status === 410 ? endingOf(problem) : "";
    if (ended && launch === doc.launch.id) {
      tracker.ended = ended;
      show();
      stage.end();
      return;
    }
    const whose = launch === doc.launch.id ? "Your last work" : "Some work of an earlier visit";
    view.notice(ended
      ? `${whose} could not be saved: the people who run the course have ${ended === "erased" ? "deleted what it was for" : "ended that launch"}.`
      : status === 410
      ? `${whose} came too late to be saved: this visit to the course had ended, or was over three days ago.`
      : `${whose} could not be saved: the service refused it (${status}). Tell the people who run the course.`);
  });
}

/** Saves when the page may be about to go. Browsers that end a page in the background say no more than this. @param {any} doc @param {any} course */
function watchPage(doc, course) {
  const save = () => {
    course.save();
    outbox.flush(doc.launch.id);
  };
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
}

play().catch((problem) => {
  const [title, text, again] = REFUSALS[problem instanceof Refusal ? problem.reason : "unavailable"];
  view.showMessage(title, text, again ? { label: "Try again", press: () => location.reload() } : undefined);
  if (!(problem instanceof Refusal)) console.error(problem);
});
