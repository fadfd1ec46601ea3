// Webhooks: where events are posted to, and how that went.

import { call, get, post } from "./api.js";
import { ask, shownOnce } from "./dialog.js";
import { action, busy, facts, field, h, number, say, tag, ticks, when } from "./dom.js";
import { list } from "./list.js";

const events = [
  ["attempt.result_changed", "attempt.result_changed", "a learner's result has changed"],
  ["import.finished", "import.finished", "a package was imported or refused"],
];
const all = "None ticked: all, also those that are new later.";
const once = "Receivers check the signatures of deliveries with it. It is shown here once; if it is lost, replace it.";

const told = (w) => (w.events.length ? w.events.join(", ") : "all");
const state = (w) => (w.active ? tag("active", "good") : tag("paused", "warning"));

export async function webhooks() {
  const secret = h("div");
  const place = h("div");
  const show = async () => place.replaceChildren(await list({
    label: "Webhooks", path: "/webhooks", nothing: "There are no webhooks. With one, your systems are told of results when they change.",
    heads: ["Address", "Events", "State", "Made"],
    row: (w) => [h("a", { href: `#/webhooks/${w.id}` }, w.url), told(w), state(w), when(w.createdAt)],
  }));
  await show();
  return { title: "Webhooks", body: [secret, webhookForm(async (made) => {
    secret.replaceChildren(shownOnce("The secret of the webhook", once, made.secret));
    await show();
    secret.firstChild.focus();
  }), h("h2", null, "Webhooks there are"), place] };
}

function webhookForm(tell) {
  const url = h("input", { type: "url", required: true, maxlength: "2000", class: "wide", placeholder: "https://lms.example.org/hooks/lectern", autocomplete: "off" });
  const which = ticks("Events", "event", events, [], all);
  const problem = h("p", { class: "error", role: "alert" });
  const button = h("button", null, "Make the webhook");
  const form = h("form", {
    class: "panel",
    onsubmit: (e) => {
      e.preventDefault();
      busy(button, problem, async () => {
        const made = await post("/webhooks", { url: url.value, ...(which.values().length ? { events: which.values() } : {}) });
        form.reset();
        await tell(made);
      });
    },
  }, h("h2", null, "A new webhook"), field("Address", url, "Events are posted there, signed."), which, h("div", { class: "row" }, button), problem);
  return form;
}

export async function webhook(signal, id) {
  const secret = h("div");
  const about = h("div");
  const deliveries = h("div");
  let w = await get(`/webhooks/${id}`);
  const change = async (what) => {
    w = await call("PATCH", `/webhooks/${id}`, what);
    draw();
  };
  const draw = () => about.replaceChildren(
    facts([["Address", w.url], ["Events", told(w)], ["State", state(w)], ["Made", when(w.createdAt)], ["Identifier", h("code", null, w.id)]]),
    h("div", { class: "row" },
      w.active ? action("Send a test", () => ping()) : null,
      w.active ? action("Pause", () => change({ active: false }), { class: "plain" }) : action("Resume", () => change({ active: true })),
      action("Replace the secret", () => replace(), { class: "plain" }), action("Delete", () => remove(), { class: "plain" })),
    h("p", { class: "hint" }, w.active ? "A test is an event of type webhook.ping; how it went is shown below." : "Nothing is delivered while it is paused. What happens meanwhile is not delivered later."));
  const show = async () => deliveries.replaceChildren(await list({
    label: "Deliveries", path: `/webhooks/${id}/deliveries`, nothing: "Nothing has been delivered in the last 30 days. Send a test to try it.",
    heads: ["Event", "Outcome", "Tries", "Occurred"],
    row: (d) => [d.type, outcome(d), number(d.attempts), when(d.occurredAt)],
  }));
  const ping = async () => {
    const sent = await post(`/webhooks/${id}/ping`);
    await show();
    say("The test is on its way.");
    follow(id, sent.id, signal, async (d) => {
      await show();
      say(d.deliveredAt ? "The test was delivered." : `The test was not delivered: ${d.lastError}.`);
    });
  };
  const replace = () => ask({
    title: "Replace the secret", label: "Replace", body: h("p", null, "Deliveries are signed with the new one at once: receivers refuse them until they have it."),
    work: async () => {
      secret.replaceChildren(shownOnce("The new secret of the webhook", once, (await post(`/webhooks/${id}/rotate-secret`)).secret));
      secret.firstChild.focus();
    },
  });
  const remove = () => ask({
    title: "Delete the webhook", label: "Delete", body: h("p", null, "What is still to be delivered is not, and the list of deliveries goes with it."),
    work: async () => {
      await call("DELETE", `/webhooks/${id}`);
      say("The webhook is deleted.");
      location.hash = "#/webhooks";
    },
  });
  draw();
  await show();
  return { title: "Webhook", body: [secret, about, h("h2", null, "Deliveries"), deliveries] };
}

/** Waits until a delivery was tried. */
async function follow(id, delivery, signal, seen) {
  for (let i = 0; i < 30 && !signal.aborted; i++) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    const { items } = await get(`/webhooks/${id}/deliveries?limit=20`).catch(() => ({ items: [] })); // the next answer will do
    const d = items.find((item) => item.id === delivery);
    if (d?.attempts > 0 && !signal.aborted) return seen(d);
  }
}

function outcome(d) {
  if (d.deliveredAt) return [tag("delivered", "good"), ` HTTP ${d.lastStatus}`];
  if (d.attempts === 0) return tag("waiting");
  return [d.nextAt ? tag("tried", "warning") : tag("given up", "error"), ` ${d.lastError}`, d.nextAt ? [h("span", { class: "sub" }, "again ", when(d.nextAt))] : null].flat();
}
