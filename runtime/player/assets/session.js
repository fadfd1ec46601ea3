/**
 * The session of a launch: opened once from a link, read again when the page is reloaded. Its token lies in sessionStorage
 * until the learner leaves or the tab ends, since every page of this origin, the next learner's too, can read what lies there.
 * @module
 */
import { tabStorage } from "./storage.js";

const SESSION = "lectern.session";
const LINK = "lectern.link";

/** Why there is no session. */
export class Refusal extends Error {
  /** @param {"offline"|"unavailable"|"over"|"ended"|"erased"|"invalid"|"missing"} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * @returns {Promise<any>} the session document
 * @throws {Refusal}
 */
export async function openSession() {
  const link = /^\/launch\/([^/]+)$/.exec(location.pathname)?.[1];
  const kept = tabStorage.getItem(SESSION);
  const opened = link !== undefined && link === tabStorage.getItem(LINK); // the back button, or a tab that was restored
  if (!link && !kept) throw new Refusal("missing");
  const doc = link && !(opened && kept)
    ? await ask("/player/open", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token: link }) })
    : await ask("/player/session", { headers: { Authorization: `Bearer ${kept}` } });
  tabStorage.setItem(SESSION, doc.session);
  if (link) tabStorage.setItem(LINK, link);
  history.replaceState(null, "", "/player"); // the token leaves the address
  return doc;
}

/** Forgets the session: it is over. */
export function closeSession() {
  tabStorage.removeItem(SESSION);
  tabStorage.removeItem(LINK);
}

/**
 * How the launch is over, if that is what the service's answer says: "ended" by the people who run the course, or "erased" with what
 * it was for; "" if it is not.
 * @param {{type?: string, detail?: string}|null} problem details (RFC 9457)
 */
export function endingOf(problem) {
  if (problem?.type === "/problems/erased") return "erased";
  return (problem?.detail ?? "").includes("launch has ended") ? "ended" : "";
}

/** @param {string} url @param {RequestInit} init */
async function ask(url, init) {
  let response;
  try {
    response = await fetch(url, { ...init, cache: "no-store", credentials: "omit" });
    if (response.ok) return await response.json();
  } catch {
    throw new Refusal("offline");
  }
  if (response.status === 410 || response.status === 401) closeSession();
  if (response.status === 410) throw new Refusal(endingOf(await response.json().catch(() => null)) || "over");
  throw new Refusal(response.status >= 500 || response.status === 429 ? "unavailable" : "invalid");
}
