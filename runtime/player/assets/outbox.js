/**
 * Commits on their way. They lie in localStorage until the service has them, so that any later page of this origin can
 * deliver what an earlier one could not.
 *
 *     import { Outbox } from "./outbox.js";
 *     new Outbox().start();
 *
 * Events: "change" when something was put, delivered or could not be; "outcome" {launch, outcome} when the service took a
 * commit; "overtaken" {launch} when it keeps what somebody else with the same session has sent; "lost" {launch, status, problem}
 * when it refused one for good, with its problem details.
 *
 * An entry holds a token that is good for commits of its launch and for nothing else: content can read it here, that of a
 * later launch too. It goes with the entry, as soon as the service has answered.
 * @module
 * @typedef {{activity: string, cmi: Record<string, string>, course?: object, final: boolean}} Body
 * @typedef {{launch: string, token: string, url: string, body: Body}} Draft
 * @typedef {{launch: string, token: string, url: string, body: Body & {sequence: number}, id?: string, tried?: boolean}} Entry
 *   id tells it from others in its place; tried: it may have reached the service
 */

const PREFIX = "lectern.outbox/";
/** Browsers give requests that outlive their page 64 KiB in all; some is left for headers and for others. */
const KEEPALIVE_BYTES = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const PATIENCE_MS = 30_000;

const OUTCOMES = new Set(["applied", "duplicate", "ordered", "superseded"]);
const isProblem = (/** @type {Response} */ response) => (response.headers.get("Content-Type") ?? "").startsWith("application/problem+json");

const keyOf = (/** @type {Draft} */ entry) => `${PREFIX}${entry.launch}/${encodeURIComponent(entry.body.activity)}`;

export class Outbox extends EventTarget {
  /** @type {Map<string, Entry>} what storage did not take */
  #memory = new Map();
  /** @type {Map<string, number>} key → bytes of requests that outlive the page */
  #flying = new Map();
  /** @type {Map<string, number>} launch → the newest sequence that is known, beside those that lie here */
  #newest = new Map();
  /** @type {Set<string>} what this page has numbered: key and sequence */
  #numbered = new Set();
  /** @type {Map<string, "overtaken"|"refused">} launch → why the last of it is not saved, though nothing waits */
  #unsaved = new Map();
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

  /** Where to count on from. @param {string} launch @param {number} sequence that the service has */
  countFrom(launch, sequence) { this.#newest.set(launch, Math.max(sequence, this.#newest.get(launch) ?? 0)); }

  /**
   * Numbers a commit, keeps it in place of an older one of the same activity, and begins to deliver it.
   *
   * The service refuses numbers that are far above what it has. So the newest number is used again if it was never sent:
   * without a network content may commit as often as it likes.
   * @param {Draft} draft
   */
  put(draft) {
    const key = keyOf(draft);
    const newest = Math.max(this.#newest.get(draft.launch) ?? 0, ...this.pending(draft.launch).map((e) => e.body.sequence));
    const old = this.#memory.get(key) ?? read(key);
    const sequence = old && !old.tried && old.body.sequence === newest ? newest : newest + 1;
    this.countFrom(draft.launch, sequence);
    this.#numbered.add(`${key} ${sequence}`);
    this.#keep({ ...draft, body: { sequence, ...draft.body }, id: `${Date.now()}-${Math.random()}` });
    this.#changed();
    if (document.visibilityState === "hidden") this.flush(draft.launch);
    else this.deliver();
  }

  /** @param {Entry} entry */
  #keep(entry) {
    const key = keyOf(entry);
    try {
      localStorage.setItem(key, JSON.stringify(entry));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, entry); // storage is full or switched off
    }
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
   * the browser keeps it; "unsafe" the browser does not either: closing the page would lose it; "overtaken" the service keeps
   * what somebody else with the same session has sent; "refused" it did not take the last commit.
   * @param {string} launch
   */
  state(launch) {
    const pending = this.pending(launch);
    if (pending.length === 0) return this.#unsaved.get(launch) ?? "saved";
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
    if (!entry.tried) this.#keep(Object.assign(entry, { tried: true }));
    const body = JSON.stringify(entry.body);
    const bytes = new TextEncoder().encode(body).length;
    const flying = [...this.#flying.values()].reduce((sum, n) => sum + n, 0);
    const keepalive = flying + bytes <= KEEPALIVE_BYTES;
    if (keepalive) this.#flying.set(key, bytes);
    let response;
    /** @type {{outcome?: string, sequence?: number, newest?: number}|null} */
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
    if (response.ok ? !OUTCOMES.has(answer?.outcome ?? "") : !isProblem(response)) return "unreachable";
    if (response.ok) {
      this.#take(entry, answer?.outcome ?? "", answer?.sequence ?? 0);
      return "taken";
    }
    if (response.status >= 500 || response.status === 408 || response.status === 425 || response.status === 429) return "unreachable";
    if (answer?.newest !== undefined && this.#numberAnew(entry, answer.newest)) return "refused";
    this.#remove(entry);
    this.#unsaved.set(entry.launch, "refused");
    this.#tell("lost", { launch: entry.launch, status: response.status, problem: answer });
    return "refused";
  }

  /** @param {Entry} entry @param {string} outcome @param {number} stored the sequence of what the service keeps instead, if outcome is "ordered" */
  #take(entry, outcome, stored) {
    this.#remove(entry);
    this.#pause = 0;
    if (outcome === "ordered") {
      this.countFrom(entry.launch, stored);
      const own = stored > entry.body.sequence && this.#numbered.has(`${keyOf(entry)} ${stored}`); // a later commit was faster
      if (!own) {
        this.#unsaved.set(entry.launch, "overtaken");
        this.#tell("overtaken", { launch: entry.launch });
        return;
      }
    } else {
      this.#unsaved.delete(entry.launch);
    }
    this.#tell("outcome", { launch: entry.launch, outcome });
  }

  /**
   * Gives what waits of a launch other numbers, because the service found them too far ahead: they are those of an older
   * release, which counted with the clock. Says whether that changed anything.
   * @param {Entry} entry @param {number} newest that the service has
   */
  #numberAnew({ launch, body }, newest) {
    const pending = this.pending(launch);
    if (body.sequence <= newest + pending.length) return false;
    for (const entry of pending) {
      newest++;
      this.#numbered.add(`${keyOf(entry)} ${newest}`);
      this.#keep({ ...entry, body: { ...entry.body, sequence: newest }, tried: false });
    }
    this.#newest.set(launch, newest);
    return true;
  }

  /** Forgets an entry, unless another has taken its place. @param {Entry} entry */
  #remove(entry) {
    const key = keyOf(entry);
    const isIt = (/** @type {Entry|undefined} */ e) => e?.id === entry.id && e?.body.sequence === entry.body.sequence;
    if (isIt(this.#memory.get(key))) this.#memory.delete(key);
    if (isIt(read(key))) localStorage.removeItem(key);
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
