// Making elements. Text is only ever set as text, so nothing that a course or a person wrote becomes markup.

/**
 * Makes an element: h("p", {class: "hint"}, "text", child, …). An on… property is a listener; null children are left out.
 * @param {string} tag
 * @param {Record<string, any> | null} [properties]
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** A table with a caption for screen readers. rows are arrays of cells; the first cell heads its row. */
export function table(label, heads, rows, nothing) {
  if (rows.length === 0) return h("p", { class: "hint" }, nothing);
  return h("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" },
    h("table", null,
      h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", null, rows.map((cells) => h("tr", null,
        cells.map((cell, i) => (i === 0 ? h("th", { scope: "row" }, cell) : h("td", null, cell))))))));
}

/** A list of terms. */
export function facts(pairs) {
  return h("dl", null, pairs.filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([term, value]) => [h("dt", null, term), h("dd", null, value)]));
}

/** A labelled control with a hint. */
export function field(label, control, hint) {
  const id = control.id || `field-${Math.random().toString(36).slice(2)}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", null, h("label", { for: id }, label), hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null, control);
}

/** A button that is busy while its work lasts, and shows a problem beside itself. */
export function action(label, work, properties = {}) {
  const problem = h("span", { class: "error", role: "alert" });
  const button = h("button", { type: "button", ...properties, onclick: () => busy(button, problem, work) }, label);
  return [button, problem];
}

/** Runs work with a control disabled; what goes wrong is shown in problem. */
export async function busy(control, problem, work) {
  problem.textContent = "";
  control.disabled = true;
  try {
    await work();
  } catch (e) {
    problem.textContent = e.message;
  } finally {
    control.disabled = false;
  }
}

/** Says something to everybody, screen readers included. */
export function say(text) {
  const status = document.getElementById("status");
  status.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { status.textContent = ""; }, 6000);
}

export const when = (text) => h("time", { datetime: text }, new Date(text).toLocaleString());

export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let i = 0;
  for (; bytes >= 1000 && i < units.length - 1; i++) bytes /= 1000;
  return `${i ? bytes.toFixed(1) : bytes} ${units[i]}`;
}

export function duration(seconds) {
  const s = Math.round(seconds);
  const parts = [[Math.floor(s / 3600), "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]].filter(([n]) => n > 0);
  return parts.map(([n, unit]) => `${n} ${unit}`).join(" ") || "0 s";
}
