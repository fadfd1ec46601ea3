// Lists that come in pages.

import { get } from "./api.js";
import { action, h, table } from "./dom.js";

const ENOUGH = 20; // rows that a page of the list should bring
const PAGES = 10; // of the API that are asked for at once, where a filter leaves little of each

/**
 * A list with a button for more.
 * @param {{label: string, path: string, heads: any[], row: (item: any) => any[], nothing: string, found?: (count: number, more: boolean) => void}} o
 */
export async function list(o) {
  const rows = [];
  const place = h("div", { class: "list" });
  let next = "";
  const more = async () => {
    const fresh = [];
    for (let asked = 0; asked < PAGES; asked++) {
      const address = new URL(o.path, "http://list");
      if (next) address.searchParams.set("after", next);
      const page = await get(address.pathname + address.search);
      fresh.push(...page.items.map(o.row));
      next = page.next ?? "";
      if (!next || fresh.length >= ENOUGH) break;
    }
    rows.push(...fresh);
    const nothing = next ? "Nothing so far; there is more to look through." : o.nothing;
    place.replaceChildren(table(o.label, o.heads, rows, nothing), ...(next ? action("Show more", more, { class: "plain" }) : []));
    o.found?.(rows.length, next !== "");
  };
  await more();
  return place;
}
