// The console: which page an address shows.

import { get } from "./api.js";
import { busy, field, h } from "./dom.js";
import { courses, course } from "./courses.js";
import { imports, oneImport } from "./imports.js";
import { ask, forget, keep, listen, signedIn, signOut } from "./key.js";
import { registrations, registration } from "./registrations.js";
import { attempt } from "./attempt.js";
import { webhooks, webhook } from "./webhooks.js";
import { keys } from "./keys.js";
import { usage } from "./usage.js";

const pages = [
  [/^\/courses$/, courses],
  [/^\/courses\/([^/]+)$/, course],
  [/^\/imports$/, imports],
  [/^\/imports\/([^/]+)$/, oneImport],
  [/^\/registrations$/, registrations],
  [/^\/registrations\/([^/]+)$/, registration],
  [/^\/attempts\/([^/]+)$/, attempt],
  [/^\/webhooks$/, webhooks],
  [/^\/webhooks\/([^/]+)$/, webhook],
  [/^\/keys$/, keys],
  [/^\/usage$/, usage],
];

const main = document.getElementById("main");
const nav = document.querySelector("nav");
let leaving = new AbortController();

/** Shows the page of the address. A page is an async function of (signal, ...ids) that gives a title and elements; the signal ends with it. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  nav.hidden = !signedIn();
  const path = location.hash.slice(1) || "/courses";
  for (const link of nav.querySelectorAll("a")) {
    const here = path.startsWith(link.getAttribute("href").slice(1));
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  let page;
  try {
    page = signedIn() ? await open(path, signal) : signInPage();
  } catch (e) {
    if (e.status === 401) {
      forget();
      nav.hidden = true;
      page = signInPage("The key is not valid any more.");
    } else if (e.status === 403) {
      page = { title: "Not with this key", body: [h("p", { class: "error", role: "alert" }, e.message), h("p", null, "Sign in with a key that may see this, or ask whoever made yours.")] };
    } else {
      page = { title: "That did not work", body: [h("p", { class: "error", role: "alert" }, e.message), h("p", null, h("a", { href: "#/courses" }, "To the courses"))] };
    }
  }
  if (signal.aborted) return;
  document.title = `${page.title} – Lectern`;
  main.replaceChildren(h("h1", null, page.title), ...page.body.flat(Infinity).filter(Boolean));
  if (show.again) main.focus();
  show.again = true;
}

async function open(path, signal) {
  const [plain] = path.split("?");
  for (const [pattern, page] of pages) {
    const found = pattern.exec(plain);
    if (found) return page(signal, ...found.slice(1));
  }
  return { title: "No such page", body: [h("p", null, h("a", { href: "#/courses" }, "To the courses"))] };
}

function signInPage(message = "") {
  const key = h("input", { type: "password", required: true, autocomplete: "off", spellcheck: "false" });
  const problem = h("p", { class: "error", role: "alert" }, message);
  const button = h("button", null, "Sign in");
  const form = h("form", {
    onsubmit: (e) => {
      e.preventDefault();
      busy(button, problem, async () => {
        keep(key.value.trim());
        try {
          await get("/me");
        } catch (failure) {
          forget();
          throw failure.status === 401 ? new Error("This is not a valid key.") : failure;
        }
        show();
      });
    },
  }, field("API key", key, "It stays in the open tabs of this console and is forgotten when the last is closed."), h("div", { class: "row" }, button), problem);
  return { title: "Sign in", body: [form] };
}

/** Shows the first page anew, for whoever is signed in or out now. */
function restart() {
  location.hash = "#/courses";
  show();
}

document.getElementById("sign-out").addEventListener("click", () => {
  signOut();
  restart();
});
listen(restart);
addEventListener("hashchange", show);
ask().then(show);
