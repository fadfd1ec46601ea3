// Questions before what cannot be undone, and secrets that are shown once.

import { busy, h, say } from "./dom.js";

/**
 * Asks before something is done. What goes wrong is shown in the dialog, which stays.
 * @param {{title: string, body: any, label: string, work: () => Promise<void>}} o label is that of the button that does it
 */
export function ask(o) {
  const problem = h("p", { class: "error", role: "alert" });
  const go = h("button", { type: "button" }, o.label);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" },
    h("h2", { id: "dialog-title" }, o.title), o.body, problem,
    h("div", { class: "row" }, go, h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, "Cancel")));
  go.addEventListener("click", () => busy(go, problem, async () => {
    await o.work();
    dialog.close();
  }));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A secret with a button to copy it. @param {string} title @param {string} hint @param {string} secret */
export function shownOnce(title, hint, secret) {
  const box = h("section", { class: "secret", tabindex: "-1", "aria-label": title },
    h("h2", null, title), h("p", null, hint), h("p", null, h("code", null, secret)),
    h("div", { class: "row" },
      h("button", { type: "button", onclick: async () => { await navigator.clipboard.writeText(secret); say("Copied."); } }, "Copy"),
      h("button", { type: "button", class: "plain", onclick: () => box.remove() }, "I have it")));
  return box;
}
