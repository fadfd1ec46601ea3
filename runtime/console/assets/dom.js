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

/**
 * A table with a name for screen readers. rows are arrays of cells; the first cell heads its row. In narrow windows a row is a block of
 * its own, each cell under its head: the roles keep it a table then, and data-label is what the style shows.
 */
export function table(label, heads, rows, nothing) {
  if (rows.length === 0) return h("p", { class: "hint empty" }, nothing);
  return h("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" },
    h("table", { role: "table", "aria-label": label },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map((head) => h("th", { scope: "col", role: "columnheader" }, head)))),
      h("tbody", { role: "rowgroup" }, rows.map((cells) => h("tr", { role: "row" }, cells.map((cell, i) => (i === 0
        ? h("th", { scope: "row", role: "rowheader" }, cell)
        : h("td", { role: "cell", "data-label": heads[i], class: isEmpty(cell) ? "nothing" : null }, h("div", null, cell)))))))));
}

const isEmpty = (cell) => cell === "" || cell === null || cell === undefined;

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

/** A choice of one of several; options are [value, label]. */
export const choice = (options, chosen = "") => h("select", null, options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));

/** A group of boxes to tick; options are [value, label, hint]. values() are those that are ticked. */
export function ticks(legend, name, options, ticked = [], hint = "") {
  const boxes = options.map(([value]) => h("input", { type: "checkbox", name, value, id: `${name}-${value}`, checked: ticked.includes(value) }));
  const set = h("fieldset", null, h("legend", null, legend), hint ? h("p", { class: "hint" }, hint) : null,
    boxes.map((box, i) => h("p", { class: "tick" }, box, h("label", { for: box.id, class: "inline" }, h("strong", null, options[i][1]), options[i][2] ? ` – ${options[i][2]}` : ""))));
  return Object.assign(set, { values: () => boxes.filter((b) => b.checked).map((b) => b.value) });
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

export const when = (text) => h("time", { datetime: text }, new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }));

export const number = (n) => n.toLocaleString();

/** A word in a frame. @param {"good" | "error" | "warning" | ""} kind */
export const tag = (text, kind = "") => h("span", { class: `tag ${kind}` }, text);

export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  for (; bytes >= 1000 && i < units.length - 1; i++) bytes /= 1000;
  return `${i ? bytes.toFixed(1) : bytes} ${units[i]}`;
}

export function duration(seconds) {
  const s = Math.round(seconds);
  const parts = [[Math.floor(s / 3600), "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]].filter(([n]) => n > 0);
  return parts.map(([n, unit]) => `${n} ${unit}`).join(" ") || "0 s";
}
