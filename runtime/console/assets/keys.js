// The tenant's keys of the API.

import { call, get, post } from "./api.js";
import { ask, shownOnce } from "./dialog.js";
import { busy, choice, field, h, say, tag, ticks, when } from "./dom.js";
import { list } from "./list.js";

const scopes = [
  ["read", "read", "see everything of the tenant but keys"],
  ["write", "write", "import courses, register learners, make launches and webhooks"],
  ["keys", "keys", "make, replace and revoke keys"],
];
const overlaps = [["86400", "a day"], ["3600", "an hour"], ["604800", "a week"], ["2592000", "30 days"], ["0", "not at all"]];

export async function keys() {
  const me = await get("/me");
  const place = h("div");
  const secret = h("div");
  const show = async () => place.replaceChildren(await list({
    label: "Keys", path: "/keys", nothing: "There are no keys.", heads: ["Name", "May", "State", "Last used", "Made", "Actions"],
    row: (k) => [
      [k.name, k.id === me.key.id ? h("span", { class: "sub" }, "you are signed in with it") : null],
      k.scopes.join(", "), state(k), k.lastUsedAt ? when(k.lastUsedAt) : "never", when(k.createdAt), ended(k) ? "" : actions(k),
    ],
  }));
  const tell = async (made) => {
    secret.replaceChildren(shownOnce(`The key “${made.key.name}”`, "Copy it now. It is shown here once, and nobody can look it up.", made.secret));
    await show();
    secret.firstChild.focus();
  };
  const actions = (k) => h("div", { class: "row tight" },
    h("button", { type: "button", class: "plain", "aria-label": `Replace ${k.name}`, onclick: () => replace(k) }, "Replace"),
    h("button", { type: "button", class: "plain", "aria-label": `Revoke ${k.name}`, onclick: () => revoke(k) }, "Revoke"));
  const replace = (k) => {
    const overlap = choice(overlaps);
    ask({
      title: `Replace “${k.name}”`, label: "Replace",
      body: [h("p", null, "A new key is made with the same name and scopes."), field("The old one goes on for", overlap, "Long enough to put the new key where the old one is.")],
      work: async () => tell(await post(`/keys/${k.id}/rotate`, { overlapSeconds: Number(overlap.value) })),
    });
  };
  const revoke = (k) => ask({
    title: `Revoke “${k.name}”`, label: "Revoke",
    body: h("p", null, k.id === me.key.id ? "This is the key that you are signed in with: you will be signed out. " : "", "Whatever uses it is refused from now on, everywhere within half a minute."),
    work: async () => {
      await call("DELETE", `/keys/${k.id}`);
      say(`“${k.name}” is revoked.`);
      if (k.id !== me.key.id) return show();
      document.getElementById("sign-out").click();
    },
  });
  await show();
  return { title: "Keys", body: [secret, keyForm(tell), h("h2", null, "Keys there are"), place] };
}

const isPast = (time) => time !== undefined && new Date(time) <= new Date();
const ended = (k) => k.revokedAt !== undefined || isPast(k.expiresAt);

function state(k) {
  if (k.revokedAt) return [tag("revoked"), " ", when(k.revokedAt)];
  if (isPast(k.expiresAt)) return [tag("ended"), " ", when(k.expiresAt)];
  return k.expiresAt ? [tag("valid", "good"), " until ", when(k.expiresAt)] : tag("valid", "good");
}

function keyForm(tell) {
  const name = h("input", { required: true, maxlength: "200", autocomplete: "off", class: "wide" });
  const may = ticks("It may", "scope", scopes, ["read"]);
  const until = h("input", { type: "date" });
  const problem = h("p", { class: "error", role: "alert" });
  const button = h("button", null, "Make the key");
  const form = h("form", {
    class: "panel",
    onsubmit: (e) => {
      e.preventDefault();
      busy(button, problem, async () => {
        if (may.values().length === 0) throw new Error("Tick at least one thing that the key may do.");
        const made = await post("/keys", { name: name.value, scopes: may.values(), ...(until.value ? { expiresAt: new Date(`${until.value}T23:59:59`).toISOString() } : {}) });
        form.reset();
        await tell(made);
      });
    },
  }, h("h2", null, "A new key"), field("Name", name, "What will use it, e.g. the name of your portal."), may,
  field("Ends after", until, "Leave it empty for a key that does not end."), h("div", { class: "row" }, button), problem);
  return form;
}
