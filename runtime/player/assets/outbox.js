/**
 * Commits on their way. They lie in localStorage until the service has them, so that any later page of this origin can
 * deliver what an earlier one could not.
 *
 *     import { Outbox } from "./outbox.js";
 *     new Outbox().start();
 *
 * Events: "change" when something was put, delivered or could not be; "outcome" {launch, outcome} when the service took a
 * commit; "lost" {launch, status, problem} when it refused one for good, with its problem details.
 *
 * An entry holds a token that is good for commits of its launch and for nothing else: content can read it here, that of a
 * later launch too. It goes with the entry, as soon as the service has answered.
 * @module
 * @typedef {{launch: string, token: string, url: string, body: {sequence: number, activity: string, cmi: Record<string, string>,
 *   course?: object, final: boolean}}} Entry
 */

const PREFIX = "lectern.outbox/";
/** Browsers give requests that outlive their page 64 KiB in all; some is left for headers and for others. */
const KEEPALIVE_BYTES = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const PATIENCE_MS = 30_000;

const OUTCOMES = new Set(["applied", "duplicate", "ordered", "superseded"]);
const isProblem = (/** @type {Response} */ response) => (response.headers.get("Content-Type") ?? "").startsWith("application/problem+json");

const keyOf = (/** @type {Entry} */ entry) => `${PREFIX}${entry.launch}/${encodeURIComponent(entry.body.activity)}`;

export class Outbox extends EventTarget {
  /** @type {Map<string, Entry>} what storage did not take */
  #memory = new Map();
  /** @type {Map<string, number>} key → bytes of requests that outlive the page */
  #flying = new Map();
  /** @type {Promise<boolean>|null} */
  #delivering = null;
  #pause = 0;
  #timer = 0;

  /** Delivers what there is, now and whenever it may work again. */
  start() {
    addEventListener("online", () => this.deliver());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.deliver());
    setInterval(() => this.deliver(), LONGEST_PAUSE_MS); // what another page has left
    this.deliver();
    return this;
  }

  /**
   * Keeps a commit in place of an older one of the same activity, and begins to deliver it.
   * @param {Entry} entry
   */
  put(entry) {
    const key = keyOf(entry);
    try {
      localStorage.setItem(key, JSON.stringify(entry));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, entry); // storage is full or switched off
    }
    this.#changed();
    if (document.visibilityState === "hidden") this.flush(entry.launch);
    else this.deliver();
  }

  /**
   * What is undelivered, oldest first.
   * @param {string} [launch] of this launch only
   */
  pending(launch) {
    /** @type {Map<string, Entry>} */
    const found = new Map();
    for (const key of storedKeys()) {
      const entry = read(key);
      if (entry) found.set(key, entry);
    }
    for (const [key, entry] of this.#memory) found.set(key, entry);
    return [...found.values()].filter((e) => !launch || e.launch === launch).sort((a, b) => a.body.sequence - b.body.sequence);
  }

  /**
   * How things stand: "saved" all is with the service; "saving" something is under way; "kept" the service cannot be reached,
   * the browser keeps it; "unsafe" the browser does not either: closing the page would lose it.
   * @param {string} launch
   */
  state(launch) {
    const pending = this.pending(launch);
    if (pending.length === 0) return "saved";
    if (!this.#pause) return "saving";
    return pending.some((entry) => this.#memory.has(keyOf(entry))) ? "unsafe" : "kept";
  }

  /** Delivers all there is, in order. @returns {Promise<boolean>} whether nothing is left */
  deliver() {
    clearTimeout(this.#timer);
    this.#delivering ??= this.#deliverAll().finally(() => { this.#delivering = null; });
    return this.#delivering;
  }

  /**
   * Sends what a launch has left in requests that outlive the page. Answers are taken if the page lives on.
   * @param {string} launch
   */
  flush(launch) {
    for (const entry of this.pending(launch)) {
      if (!this.#flying.has(keyOf(entry))) this.#send(entry).then(() => this.#changed());
    }
  }

  async #deliverAll() {
    /** @type {Set<string>} launches that have to wait */
    const waiting = new Set();
    for (;;) {
      const entry = this.pending().find((e) => !waiting.has(e.launch));
      if (!entry) break;
      const verdict = await this.#send(entry);
      if (verdict === "unreachable") waiting.add(entry.launch);
      else this.#changed();
    }
    if (waiting.size === 0) {
      this.#pause = 0;
    } else {
      this.#pause = Math.min(this.#pause * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      this.#timer = setTimeout(() => this.deliver(), this.#pause * (0.75 + Math.random() / 2)); // browsers that were cut off together do not come back together
    }
    this.#changed();
    return waiting.size === 0;
  }

  /** @param {Entry} entry @returns {Promise<"taken"|"refused"|"unreachable">} */
  async #send(entry) {
    const key = keyOf(entry);
    const body = JSON.stringify(entry.body);
    const bytes = new TextEncoder().encode(body).length;
    const flying = [...this.#flying.values()].reduce((sum, n) => sum + n, 0);
    const keepalive = flying + bytes <= KEEPALIVE_BYTES;
    if (keepalive) this.#flying.set(key, bytes);
    let response;
    let answer;
    try {
      response = await fetch(entry.url, {
        method: "POST", body, keepalive, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${entry.token}` },
      });
      answer = await response.json().catch(() => null);
    } catch {
      return "unreachable";
    } finally {
      this.#flying.delete(key);
    }
    // Between here and the service there are firewalls, proxies and sign-in pages of hotels. What is no answer of the service is none.
    if (response.ok ? !OUTCOMES.has(answer?.outcome) : !isProblem(response)) return "unreachable";
    if (response.ok) {
      this.#remove(entry);
      this.#pause = 0;
      this.#tell("outcome", { launch: entry.launch, outcome: answer.outcome });
      return "taken";
    }
    if (response.status >= 500 || response.status === 408 || response.status === 425 || response.status === 429) return "unreachable";
    this.#remove(entry);
    this.#tell("lost", { launch: entry.launch, status: response.status, problem: answer });
    return "refused";
  }

  /** Forgets an entry, unless a newer state has taken its place. @param {Entry} entry */
  #remove(entry) {
    const key = keyOf(entry);
    if ((this.#memory.get(key)?.body.sequence ?? Infinity) <= entry.body.sequence) this.#memory.delete(key);
    if ((read(key)?.body.sequence ?? Infinity) <= entry.body.sequence) localStorage.removeItem(key);
  }

  #changed() { this.dispatchEvent(new Event("change")); }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

function storedKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return []; // storage is switched off
  }
}

/** @param {string} key @returns {Entry|undefined} */
function read(key) {
  try {
    const entry = JSON.parse(localStorage.getItem(key) ?? "null");
    return entry?.body?.sequence ? entry : undefined;
  } catch {
    return undefined; // not ours, whatever its name
  }
}
