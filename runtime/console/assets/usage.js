// How much there is of the tenant.

import { get } from "./api.js";
import { h, number, size, when } from "./dom.js";

const figures = [
  ["courses", "Courses", number], ["versions", "Versions of courses", number], ["storedBytes", "Stored files", size], ["registrations", "Registrations", number],
  ["attempts", "Attempts", number], ["launchesLast30Days", "Launches in the last 30 days", number], ["webhooks", "Webhooks", number], ["keys", "Valid keys", number],
];

export async function usage() {
  const u = await get("/usage");
  return {
    title: "Usage",
    body: [
      h("dl", { class: "figures" }, figures.map(([name, label, write]) => {
        const most = u.quotas[name];
        return h("div", null, h("dt", null, label), h("dd", null, write(u[name]),
          most === undefined ? null : [h("span", { class: "sub" }, `of ${write(most)}`), h("meter", { min: "0", max: String(most), value: String(u[name]), "aria-label": `${label}, of the most there may be` })]));
      })),
      h("p", { class: "hint" }, "Counted ", when(u.countedAt), "."),
    ],
  };
}
