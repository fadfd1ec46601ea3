// Uploading packages, and what became of them.

import { get, post, send } from "./api.js";
import { facts, h, say, size, tag, when } from "./dom.js";
import { list } from "./list.js";

const steps = { fetch: "Fetching the package", inspect: "Looking into it", store: "Storing its files", done: "Done" };
const states = { waiting: "waiting for its upload", queued: "queued", running: "running", succeeded: "succeeded", failed: "refused" };

export async function imports() {
  return {
    title: "Imports",
    body: [await list({
      label: "Imports", path: "/imports", nothing: "Nothing has been imported yet.", heads: ["File", "State", "Began"],
      row: (i) => [h("a", { href: `#/imports/${i.id}` }, i.fileName), state(i), when(i.createdAt)],
    })],
  };
}

const state = (i) => h("span", { class: { succeeded: "good", failed: "error" }[i.state] ?? "" }, states[i.state]);

export async function oneImport(signal, id) {
  const place = h("div");
  let i = await get(`/imports/${id}`);
  const draw = () => place.replaceChildren(...importBody(i).flat(Infinity));
  draw();
  if (!finished(i)) follow(id, signal, (fresh) => { i = fresh; draw(); });
  return { title: i.fileName, body: [place] };
}

const finished = (i) => i.state === "succeeded" || i.state === "failed";

/** Asks for an import until it has finished. */
async function follow(id, signal, seen) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    if (signal.aborted) return;
    let i;
    try {
      i = await get(`/imports/${id}`);
    } catch {
      continue; // the next answer will do
    }
    seen(i);
    if (finished(i)) {
      say(i.state === "succeeded" ? `${i.fileName} is imported.` : `${i.fileName} was refused; see the report.`);
      return;
    }
  }
}

function importBody(i) {
  const p = i.progress;
  const share = p.bytesTotal > 0 ? p.bytesDone / p.bytesTotal : 0;
  return [
    facts([
      ["State", state(i)], ["Course", i.state === "failed" ? "" : h("a", { href: `#/courses/${i.courseId}` }, "open")], ["Version", i.version || ""],
      ["Began", when(i.createdAt)], ["Finished", i.finishedAt ? when(i.finishedAt) : ""],
    ]),
    i.state === "running" || i.state === "queued"
      ? h("p", null, h("label", { for: "import-progress" }, steps[p.step] ?? "Waiting for a worker"), " ",
        h("progress", { id: "import-progress", max: "1", value: String(share) }),
        p.filesTotal ? ` ${p.filesDone} of ${p.filesTotal} files` : "")
      : null,
    i.report ? report(i.report) : null,
  ].filter(Boolean);
}

function report(r) {
  return [
    h("h2", null, "Report"),
    facts([
      ["Standard", [r.standard, r.edition].filter(Boolean).join(" ")], ["Title", r.title], ["Manifest", r.manifest],
      ["Files", String(r.files)], ["Size", size(r.bytes)],
    ]),
    findings(r.findings ?? []),
  ].flat();
}

const SHOWN = 4; // findings of one rule; the others are folded

/** Findings by their rule, which says once what to do. They come with errors first. */
function findings(all) {
  if (all.length === 0) return h("p", { class: "hint empty" }, "Nothing was found wrong.");
  const rules = Map.groupBy(all, (f) => f.rule);
  return h("section", { class: "findings", role: "region", "aria-label": "Findings" }, [...rules].map(([rule, list]) => {
    const [first] = list;
    const items = list.map((f) => h("li", null, f.message, f.file ? h("span", { class: "sub" }, [f.file, f.line ? `line ${f.line}` : ""].filter(Boolean).join(", ")) : null));
    return h("article", null,
      h("p", null, tag(first.severity, first.severity === "error" ? "error" : "warning"), " ", h("strong", null, first.remedy)),
      h("ul", null, items.slice(0, SHOWN)),
      items.length > SHOWN ? h("details", null, h("summary", null, `${items.length - SHOWN} more`), h("ul", null, items.slice(SHOWN))) : null,
      h("p", { class: "sub" }, h("code", null, rule), first.source ? ` · ${first.source}` : ""));
  }));
}

/**
 * A form that uploads a package, as a new course or a new version of one.
 * @param {AbortSignal} signal ends with the page
 * @param {string} [courseId]
 */
export function uploadForm(signal, courseId) {
  const file = h("input", { type: "file", id: "package", accept: ".zip,.xml,application/zip", required: true });
  const skeleton = h("input", { type: "checkbox", id: "skeleton" });
  const problem = h("p", { class: "error", role: "alert" });
  const bar = h("progress", { max: "1", value: "0", "aria-label": "Upload", hidden: true });
  const button = h("button", null, "Upload");
  const cancel = h("button", { type: "button", class: "plain", hidden: true }, "Cancel");
  const form = h("form", {
    onsubmit: async (e) => {
      e.preventDefault();
      const chosen = file.files[0];
      const stop = new AbortController();
      signal.addEventListener("abort", () => stop.abort());
      cancel.onclick = () => stop.abort();
      problem.textContent = "";
      button.disabled = true;
      bar.hidden = cancel.hidden = false;
      try {
        const made = await post("/imports", { fileName: chosen.name, size: chosen.size, skeleton: skeleton.checked, ...(courseId ? { courseId } : {}) });
        await send(chosen, made.upload, (share) => { bar.value = share; }, stop.signal);
        await post(`/imports/${made.import.id}/complete`);
        location.hash = `#/imports/${made.import.id}`;
      } catch (failure) {
        problem.textContent = failure.message;
      } finally {
        button.disabled = false;
        bar.hidden = cancel.hidden = true;
      }
    },
  },
  h("label", { for: "package" }, courseId ? "A new version" : "A package: SCORM, cmi5, xAPI or AICC as .zip"),
  h("div", { class: "row" }, file, button, cancel, bar),
  h("p", null, skeleton, " ", h("label", { for: "skeleton", class: "inline" }, "An outline: launch files may be missing")), problem);
  return form;
}
