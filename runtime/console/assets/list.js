// Lists that come in pages.

import { get } from "./api.js";
import { action, h, table } from "./dom.js";

/**
 * A list with a button for more.
 * @param {{label: string, path: string, heads: any[], row: (item: any) => any[], nothing: string}} o
 */
export async function list(o) {
  const rows = [];
  const place = h("div");
  let next = "";
  const more = async () => {
    const address = new URL(o.path, "http://list");
    if (next) address.searchParams.set("after", next);
    const page = await get(address.pathname + address.search);
    rows.push(...page.items.map(o.row));
    next = page.next ?? "";
    place.replaceChildren(table(o.label, o.heads, rows, o.nothing), ...(next ? action("Show more", more, { class: "plain" }) : []));
  };
  await more();
  return place;
}
