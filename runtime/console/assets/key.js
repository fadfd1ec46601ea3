// The key that a person has signed in with. It is in the sessionStorage of this tab, never in localStorage: so it is gone with the
// last tab. Another tab of the console asks those that are open, over a channel that only pages of this origin are on. Courses
// have origins of their own.

const KEY = "lectern.console.key";
const PATIENCE_MS = 300;

const tabs = new BroadcastChannel("lectern.console");
/** @type {(() => void) | undefined} */
let told;

export const key = () => sessionStorage.getItem(KEY);
export const signedIn = () => key() !== null;
export const keep = (text) => sessionStorage.setItem(KEY, text);
export const forget = () => sessionStorage.removeItem(KEY);

/** Signs out here and in the other tabs, one of which would sign this one in again. */
export function signOut() {
  forget();
  tabs.postMessage({ kind: "signed out" });
}

/** Asks the other tabs for the key, and waits until one has answered or none will. */
export async function ask() {
  if (signedIn()) return;
  const answered = new Promise((resolve) => { told = () => resolve(undefined); });
  tabs.postMessage({ kind: "who is signed in" });
  await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  told = undefined;
}

/** @param {() => void} signedOut is called when another tab has signed out */
export function listen(signedOut) {
  tabs.addEventListener("message", ({ data }) => {
    if (data.kind === "who is signed in" && signedIn()) tabs.postMessage({ kind: "signed in", key: key() });
    if (data.kind === "signed in" && told && !signedIn()) {
      keep(data.key);
      told();
    }
    if (data.kind === "signed out" && signedIn()) {
      forget();
      signedOut();
    }
  });
}
