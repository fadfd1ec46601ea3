/**
 * What the learner sees around the content.
 * @module
 */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * @param {string} tag @param {Record<string, string>} attributes
 * @param {...(Node|string)} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that says it cannot be used keeps its place in the order of the keyboard. @param {HTMLElement} button @param {boolean} enabled */
function enable(button, enabled) {
  if (enabled) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

/** @param {HTMLElement} button @param {() => void} action */
function onPress(button, action) {
  button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && action());
}

export class View {
  frame = /** @type {HTMLIFrameElement} */ (byId("content"));

  /** @param {string} title of the course */
  setTitle(title) {
    byId("title").textContent = title;
    document.title = title;
  }

  /** @param {{previous: () => void, next: () => void, exit: () => void}} actions */
  onMoves(actions) {
    onPress(byId("previous"), actions.previous);
    onPress(byId("next"), actions.next);
    onPress(byId("exit"), actions.exit);
  }

  /** null hides a button; false shows it as unusable. @param {{previous: boolean|null, next: boolean|null, exit: boolean}} moves */
  showMoves({ previous, next, exit }) {
    for (const [id, state] of /** @type {[string, boolean|null][]} */ ([["previous", previous], ["next", next]])) {
      byId(id).hidden = state === null;
      enable(byId(id), Boolean(state));
    }
    byId("exit").hidden = !exit;
  }

  /**
   * @param {any} root of the structure
   * @param {string} current id
   * @param {(activity: any) => {state: string, enabled: boolean, visible?: boolean}} describe visible: false if a rule takes it, and what is below it, away
   * @param {(id: string) => void} choose
   */
  showContents(root, current, describe, choose) {
    // What is hidden is so alone: its children are shown in its place (IMS Content Packaging 1.1.4, isvisible).
    const items = (/** @type {any[]} */ activities) => activities.filter((a) => describe(a).visible !== false)
      .flatMap((a) => (a.hidden ? items(a.children ?? []) : [item(a)]));
    const list = (/** @type {any[]} */ activities) => element("ol", {}, ...items(activities));
    const item = (/** @type {any} */ activity) => {
      const li = element("li", {});
      if (activity.launch) {
        const { state, enabled } = describe(activity);
        const button = element("button", { type: "button", class: "item" }, activity.title || activity.id);
        if (state) button.append(element("span", { class: "state" }, state));
        if (activity.id === current) button.setAttribute("aria-current", "true");
        enable(button, enabled && activity.id !== current);
        onPress(button, () => choose(activity.id));
        li.append(button);
      } else {
        li.append(element("span", { class: "cluster" }, activity.title || activity.id));
      }
      if (activity.children?.length) li.append(list(activity.children));
      return li;
    };
    const contents = byId("contents");
    const focused = [...contents.querySelectorAll("button")].indexOf(/** @type {any} */ (document.activeElement));
    contents.replaceChildren(list(root.launch ? [root] : root.children ?? []));
    if (focused >= 0) contents.querySelectorAll("button")[focused]?.focus();
  }

  /** Offers the contents list; wide windows show it from the start. */
  offerContents() {
    const toggle = byId("contents-toggle");
    const set = (/** @type {boolean} */ open) => {
      byId("contents").hidden = !open;
      toggle.setAttribute("aria-expanded", String(open));
    };
    toggle.hidden = false;
    toggle.addEventListener("click", () => set(byId("contents").hidden));
    byId("contents").addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      set(false);
      toggle.focus();
    });
    // In a narrow window the list lies over the content (player.css): a choice takes it away, so that what was chosen is seen.
    byId("contents").addEventListener("click", (e) => {
      const chosen = /** @type {HTMLElement} */ (e.target).closest("button.item");
      if (!chosen || chosen.getAttribute("aria-disabled") === "true" || !matchMedia("(max-width: 40rem)").matches) return;
      set(false);
      toggle.focus();
    });
    set(matchMedia("(min-width: 60rem)").matches);
  }

  showContent() {
    byId("message").hidden = true;
    this.frame.hidden = false;
  }

  /**
   * Says something in place of the content.
   * @param {string} title @param {string} text
   * @param {{label: string, press?: () => void, href?: string}} [action]
   */
  showMessage(title, text, action) {
    this.frame.hidden = true;
    byId("message-title").textContent = title;
    byId("message-text").textContent = text;
    byId("message-action").replaceChildren();
    if (action) {
      const made = element(action.href ? "a" : "button", action.href ? { href: action.href } : { type: "button", class: "button" }, action.label);
      if (action.press) onPress(made, action.press);
      byId("message-action").append(made);
    }
    byId("message").hidden = false;
    byId("message").focus();
  }

  /**
   * Says something above the content.
   * @param {string} text
   * @param {{label: string, press: () => void}} [action] besides taking it away
   */
  notice(text, action) {
    const close = element("button", { type: "button", class: "button" }, "Close");
    const notice = element("p", { class: "notice" }, element("span", {}, text));
    if (action) {
      const button = element("button", { type: "button", class: "button" }, action.label);
      onPress(button, action.press);
      notice.append(button);
    }
    notice.append(close);
    onPress(close, () => notice.remove());
    byId("notices").append(notice);
  }

  /** @param {string} text how the learner's work stands */
  setSaving(text) { byId("saving").textContent = text; }

  /** For those who do not see it. @param {string} text */
  announce(text) { byId("announcement").textContent = text; }
}
