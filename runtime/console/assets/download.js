// Files that the API gives.

import { authorization, Problem } from "./api.js";

/**
 * Saves what the API gives at a path as a file. A byte order mark goes before it, since spreadsheets take a CSV file without one for
 * something else than UTF-8.
 * @param {string} path below /api/v1
 * @param {string} name of the file
 */
export async function download(path, name) {
  const answer = await fetch(`/api/v1${path}`, { headers: { Authorization: authorization() } });
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  const url = URL.createObjectURL(new Blob(["\ufeff", await answer.blob()], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
