/**
 * The frame that content runs in.
 * @module
 */

const PATIENCE_MS = 3000;

export class ContentFrame {
  #loaded = false;

  /** @param {HTMLIFrameElement} element */
  constructor(element) { this.element = element; }

  /**
   * Shows a page. It takes the place of the one before, also in the history, so the back button leaves the course.
   * @param {string} url @param {string} title
   * @returns {Promise<number>} its HTTP status; 0 if the browser does not tell
   */
  async open(url, title) {
    this.element.title = title;
    this.#loaded = true;
    const loaded = this.#nextLoad();
    this.element.contentWindow?.location.replace(url);
    await loaded;
    return this.#status();
  }

  /** Lets the content go through its goodbyes. Content that asks to stay is taken away after a while. */
  async unload() {
    if (!this.#loaded) return;
    this.#loaded = false;
    const gone = this.#nextLoad();
    this.element.contentWindow?.location.replace("about:blank");
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, "late"));
    if ((await Promise.race([gone, late])) !== "late") return;
    const fresh = /** @type {HTMLIFrameElement} */ (this.element.cloneNode());
    this.element.replaceWith(fresh);
    this.element = fresh;
  }

  #nextLoad() { return new Promise((resolve) => this.element.addEventListener("load", resolve, { once: true })); }

  #status() {
    try {
      const [navigation] = /** @type {any} */ (this.element.contentWindow?.performance.getEntriesByType("navigation"));
      return navigation.responseStatus ?? 0;
    } catch {
      return 0; // a page of another origin
    }
  }
}
