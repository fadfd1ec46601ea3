// Learners' registrations: attempts and launches.

import { get, post } from "./api.js";
import { action, busy, choice, duration, facts, field, h, number, say, table, tag, when } from "./dom.js";
import { download } from "./download.js";
import { list } from "./list.js";
import { score } from "./attempt.js";

const completions = [["", "Any"], ["not attempted", "Not attempted"], ["incomplete", "Incomplete"], ["completed", "Completed"], ["unknown", "Unknown"]];
const successes = [["", "Any"], ["passed", "Passed"], ["failed", "Failed"], ["unknown", "Unknown"]];

/** All registrations, with a filter that is part of the address. */
export async function registrations() {
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
  const controls = {
    search: h("input", { type: "search", value: asked.get("search") ?? "", maxlength: "200", autocomplete: "off" }),
    completion: choice(completions, asked.get("completion") ?? ""),
    success: choice(successes, asked.get("success") ?? ""),
    from: h("input", { type: "date", value: asked.get("from") ?? "" }),
    until: h("input", { type: "date", value: asked.get("until") ?? "" }),
  };
  const place = h("div");
  const count = h("p", { class: "hint", role: "status" });
  const problem = h("p", { class: "error", role: "alert" });
  const button = h("button", null, "Search");
  const show = () => busy(button, problem, async () => {
    const chosen = new URLSearchParams(Object.entries(controls).map(([name, c]) => [name, c.value.trim()]).filter(([, value]) => value));
    history.replaceState(null, "", `#/registrations${chosen.size ? `?${chosen}` : ""}`);
    const nothing = chosen.size ? "No registration is like this." : "Nobody is registered yet. Open a course to register learners.";
    place.replaceChildren(await registrationList("", nothing, (n, more) => { count.textContent = n ? `${number(n)}${more ? " and more" : ""} shown, the newest first` : ""; }));
  });
  const form = h("form", { role: "search", class: "filter", onsubmit: (e) => { e.preventDefault(); show(); } },
    field("Learner or course", controls.search, "Beginnings of words: of a name and identifier, or of a title."),
    h("div", { class: "fields" },
      field("Completion", controls.completion), field("Success", controls.success),
      field("Active from", controls.from), field("Active until", controls.until)),
    h("div", { class: "row" }, button,
      h("button", { type: "button", class: "plain", onclick: () => { for (const c of Object.values(controls)) c.value = ""; show(); } }, "Clear"),
      action("Export as CSV", exportList, { class: "plain" })), problem);
  for (const c of [controls.completion, controls.success, controls.from, controls.until]) c.addEventListener("change", show);
  await show();
  return { title: "Registrations", body: [form, count, place] };
}

/** What the address asks for, as the API has it. Days are those of this browser, the last one included. */
function query(courseId) {
  const asked = courseId ? new URLSearchParams({ courseId }) : new URLSearchParams(location.hash.split("?")[1] ?? "");
  for (const [name, parameter, days] of [["from", "changedSince", 0], ["until", "changedBefore", 1]]) {
    const day = asked.get(name);
    asked.delete(name);
    if (!day) continue;
    const at = new Date(`${day}T00:00`);
    at.setDate(at.getDate() + days);
    asked.set(parameter, at.toISOString());
  }
  return asked.size ? `?${asked}` : "";
}

async function exportList() {
  await download(`/registrations.csv${query()}`, "registrations.csv");
  say("The list is downloaded.");
}

/** The registrations of a course, or those that the address asks for. */
export const registrationList = (courseId, nothing = "Nobody is registered yet.", found = undefined) => list({
  label: "Registrations", path: `/registrations${query(courseId)}`, nothing, found,
  heads: ["Learner", ...(courseId ? [] : ["Course"]), "Status", "Score", "Last activity"],
  row: (r) => {
    const latest = r.latestAttempt;
    return [
      [h("a", { href: `#/registrations/${r.id}` }, r.learner.name || r.learner.id), r.learner.name ? h("span", { class: "sub" }, r.learner.id) : null],
      ...(courseId ? [] : [h("a", { href: `#/courses/${r.courseId}` }, r.courseTitle || "Untitled")]),
      latest ? status(latest.result) : "", latest?.result.score ? h("span", { class: "whole" }, score(latest.result.score)) : "", latest?.lastActivityAt ? when(latest.lastActivityAt) : "never",
    ];
  },
});

/** Completion and success as people read them. */
export function status(result) {
  const kind = { passed: "good", failed: "error" }[result.success] ?? "";
  const told = result.success !== "unknown";
  if (result.completion === "unknown" && !told) return "unknown";
  return h("span", { class: "whole" }, told ? tag(result.success, kind) : null, told && result.completion !== "unknown" ? " " : "", result.completion === "unknown" ? "" : result.completion);
}

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
      table("Attempts", ["Attempt", "Status", "Score", "Time", "Version", "Last change"], attempts.items.map((a) => [
        h("a", { href: `#/attempts/${a.id}` }, String(a.number)), status(a.result), score(a.result.score),
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
