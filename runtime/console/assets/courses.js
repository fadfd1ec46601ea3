// Courses, their versions, and who is registered for them.

import { call, get, post } from "./api.js";
import { action, busy, facts, field, h, say, size, table, when } from "./dom.js";
import { uploadForm } from "./imports.js";
import { list } from "./list.js";
import { registrationList, registerForm } from "./registrations.js";

export async function courses(signal) {
  return {
    title: "Courses",
    body: [uploadForm(signal), await list({
      label: "Courses", path: "/courses", nothing: "There are no courses yet. Upload a package to begin.", heads: ["Course", "Version", "Made"],
      row: (c) => [h("a", { href: `#/courses/${c.id}` }, c.title || "Untitled"), c.latestVersion || "none yet", when(c.createdAt)],
    })],
  };
}

export async function course(signal, id) {
  const [c, versions] = await Promise.all([get(`/courses/${id}`), get(`/courses/${id}/versions`)]);
  return {
    title: c.title || "Untitled",
    body: [
      facts([["Made", when(c.createdAt)], ["Identifier", h("code", null, c.id)]]),
      c.latestVersion ? h("div", { class: "row" }, action("Preview", () => preview(id))) : null,
      h("h2", null, "Versions"),
      table("Versions", ["Version", "Title", "Standard", "Files", "Size", "Imported"], versions.items.map((v) => [
        String(v.number), v.title, [v.standard, v.edition].filter(Boolean).join(" "), String(v.files), size(v.bytes), when(v.createdAt),
      ]), "No package has been imported yet."),
      uploadForm(signal, id),
      h("h2", null, "Registrations"),
      c.latestVersion ? registerForm(id) : null,
      await registrationList(id),
      h("h2", null, "Settings"),
      settings(c),
    ],
  };
}

/** Opens a preview in a tab of its own, which cannot reach this one. */
async function preview(id) {
  const link = await post(`/courses/${id}/preview`, {});
  window.open(link.url, "_blank", "noopener");
}

function settings(c) {
  const title = h("input", { value: c.title, required: true, maxlength: "500", class: "wide" });
  const limit = h("input", { type: "number", min: "0", max: "500000", value: String(c.suspendDataLimit), required: true });
  const problem = h("p", { class: "error", role: "alert" });
  const button = h("button", null, "Save");
  return h("form", {
    onsubmit: (e) => {
      e.preventDefault();
      busy(button, problem, async () => {
        await call("PATCH", `/courses/${c.id}`, { title: title.value, suspendDataLimit: Number(limit.value) });
        say("Saved.");
      });
    },
  },
  field("Title", title),
  field("Limit of suspend_data, in characters", limit, "0 is the standard's own: 4,096 in SCORM 1.2, 64,000 in SCORM 2004. Some courses need more."),
  h("div", { class: "row" }, button), problem);
}
