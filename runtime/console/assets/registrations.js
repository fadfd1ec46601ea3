// Learners' registrations: attempts and launches.

import { get, post } from "./api.js";
import { action, busy, duration, facts, field, h, say, table, when } from "./dom.js";
import { list } from "./list.js";
import { score } from "./attempt.js";

export async function registrations() {
  return { title: "Registrations", body: [await registrationList("/registrations")] };
}

export const registrationList = (path) => list({
  label: "Registrations", path, nothing: "Nobody is registered yet.", heads: ["Learner", "Identifier", "Registered"],
  row: (r) => [h("a", { href: `#/registrations/${r.id}` }, r.learner.name || r.learner.id), r.learner.id, when(r.createdAt)],
});

export function registerForm(courseId) {
  const id = h("input", { required: true, maxlength: "255", autocomplete: "off" });
  const name = h("input", { maxlength: "255", autocomplete: "off" });
  const problem = h("p", { class: "error", role: "alert" });
  const button = h("button", null, "Register");
  return h("form", {
    onsubmit: (e) => {
      e.preventDefault();
      busy(button, problem, async () => {
        const r = await post("/registrations", { courseId, learner: { id: id.value, name: name.value } });
        location.hash = `#/registrations/${r.id}`;
      });
    },
  }, h("div", { class: "row" }, field("Learner's identifier", id), field("Name", name), button), problem);
}

export async function registration(signal, id) {
  const [r, attempts, launches] = await Promise.all([
    get(`/registrations/${id}`), get(`/registrations/${id}/attempts`), get(`/registrations/${id}/launches`),
  ]);
  const c = await get(`/courses/${r.courseId}`);
  return {
    title: r.learner.name || r.learner.id,
    body: [
      facts([
        ["Learner", r.learner.id], ["Course", h("a", { href: `#/courses/${c.id}` }, c.title || "Untitled")], ["Registered", when(r.createdAt)],
      ]),
      h("div", { class: "row" }, launchButton(id), action("New attempt", () => newAttempt(id), { class: "plain" })),
      h("h2", null, "Attempts"),
      table("Attempts", ["Attempt", "Completion", "Success", "Score", "Time", "Version", "Last change"], attempts.items.map((a) => [
        h("a", { href: `#/attempts/${a.id}` }, String(a.number)), a.result.completion, a.result.success, score(a.result.score),
        duration(a.result.totalSeconds), String(a.version), when(a.updatedAt),
      ]), "There is no attempt."),
      h("h2", null, "Launches"),
      table("Launches", ["Made", "Opened", "Ended", "Mode"], launches.items.map((l) => [
        when(l.createdAt), l.openedAt ? when(l.openedAt) : "not opened", l.endedAt ? when(l.endedAt) : "", l.mode,
      ]), "Nothing has been launched yet."),
    ],
  };
}

/** Makes a link for the learner. It is shown, not opened: it works once. */
function launchButton(id) {
  const place = h("span", { role: "status" });
  return [...action("Make a launch link", async () => {
    const link = await post(`/registrations/${id}/launches`, {});
    place.replaceChildren(
      h("a", { href: link.url, target: "_blank", rel: "noopener" }, "Open as the learner"), " (once, until ", when(link.expiresAt), ") ",
      ...action("Copy", async () => { await navigator.clipboard.writeText(link.url); say("The link is copied."); }, { class: "plain" }),
    );
  }), place];
}

async function newAttempt(id) {
  const a = await post(`/registrations/${id}/attempts`);
  location.hash = `#/attempts/${a.id}`;
}
