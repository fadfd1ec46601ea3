// What is known of an attempt.

import { get } from "./api.js";
import { duration, facts, h, table, when } from "./dom.js";

export async function attempt(signal, id) {
  const a = await get(`/attempts/${id}`);
  return {
    title: `Attempt ${a.number}`,
    body: [
      facts([
        ["Registration", h("a", { href: `#/registrations/${a.registrationId}` }, "open")], ["Version of the course", String(a.version)],
        ...result(a.result), ["Began", when(a.createdAt)], ["Last change", when(a.updatedAt)],
      ]),
      a.activities.length === 0 ? h("p", { class: "hint" }, "The learner has not opened it yet.") : null,
      a.activities.map(activity),
    ],
  };
}

const result = (r) => [
  ["Completion", r.completion], ["Success", r.success], ["Score", score(r.score)],
  ["Progress", r.progress === undefined ? "" : `${Math.round(r.progress * 100)} %`], ["Time in the content", duration(r.totalSeconds)],
];

/** A score as people read it. */
export function score(s) {
  if (!s) return "";
  const range = s.min !== undefined && s.max !== undefined ? ` (${s.min}–${s.max})` : "";
  if (s.raw !== undefined) return `${s.raw}${range}`;
  return s.scaled === undefined ? "" : `${Math.round(s.scaled * 100)} %`;
}

function activity(a) {
  return [
    h("h2", null, a.title || a.activityId),
    facts([...result(a.result), ["Last change", when(a.updatedAt)]]),
    a.interactions.length > 0 ? grouped("Interactions", a.interactions) : null,
    a.objectives.length > 0 ? grouped("Objectives", a.objectives) : null,
    h("details", null, h("summary", null, "All data"),
      table(`Data model of ${a.title || a.activityId}`, ["Element", "Value"],
        Object.entries(a.cmi).filter(([, value]) => value !== "").sort(([x], [y]) => x.localeCompare(y, "en", { numeric: true }))
          .map(([element, value]) => [h("code", null, element), value]), "Nothing was reported.")),
  ];
}

/** What the columns are called. */
const words = {
  id: "Identifier", type: "Type", description: "Description", timestamp: "At", learnerResponse: "Response", result: "Result", latency: "Latency", weighting: "Weight",
  correctResponses: "Correct", objectives: "Objectives", status: "Status", completionStatus: "Completion", successStatus: "Success", progressMeasure: "Progress", score: "Score",
};

/** Interactions or objectives: one row each, with the columns that any of them has. */
function grouped(label, items) {
  const columns = [...new Set(items.flatMap((i) => Object.keys(i)))];
  return h("details", { open: true }, h("summary", null, label),
    table(label, columns.map((c) => words[c] ?? c), items.map((i) => columns.map((c) => cell(i[c]))), ""));
}

function cell(value) {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join("; ");
  return typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k} ${v}`).join(", ") : String(value);
}
