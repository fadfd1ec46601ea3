import { begin, commit, get, set } from "./scorm.js";

const pages = [...document.querySelectorAll(".page")];
const back = document.getElementById("back");
const forward = document.getElementById("forward");
let page = 0;
let furthest = 0;

function show(n, focus) {
  page = n;
  furthest = Math.max(furthest, n);
  pages.forEach((section, i) => { section.hidden = i !== n; });
  back.disabled = n === 0;
  forward.disabled = n === pages.length - 1;
  document.getElementById("where").textContent = `Page ${n + 1} of ${pages.length}`;
  if (focus) pages[n].querySelector("h1").focus();
  const read = furthest === pages.length - 1;
  set("cmi.location", n + 1);
  set("cmi.suspend_data", JSON.stringify({ furthest }));
  set("cmi.progress_measure", (furthest + 1) / pages.length);
  set("cmi.completion_status", read ? "completed" : "incomplete");
  commit();
}

begin();
try {
  furthest = JSON.parse(get("cmi.suspend_data")).furthest ?? 0;
} catch {
  furthest = 0; // the first visit
}
back.addEventListener("click", () => show(page - 1, true));
forward.addEventListener("click", () => show(page + 1, true));
show(Math.min(Math.max(Number(get("cmi.location")) - 1, 0), pages.length - 1), false);
