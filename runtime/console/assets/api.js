// The API as this tab may use it, and the key that it is used with.

import { key } from "./key.js";

export const authorization = () => `Bearer ${key()}`;

/** An answer that is no success, as problem details (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {{title?: string, detail?: string, errors?: {location?: string, message: string}[]}} body */
  constructor(status, body) {
    const all = (body.errors ?? []).map((e) => [e.location, e.message].filter(Boolean).join(": "));
    super([body.detail || body.title || `The service answered ${status}.`, ...all].join("\n"));
    this.status = status;
  }
}

/**
 * Calls the API.
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {unknown} [body] sent as JSON
 */
export async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: { Authorization: authorization(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { detail: "The service cannot be reached. Check the network and try again." });
  }
  const text = await answer.text();
  const parsed = text ? JSON.parse(text) : undefined;
  if (!answer.ok) throw new Problem(answer.status, parsed ?? {});
  return parsed;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

/**
 * Sends a file as an import asks for it, and tells how far it is.
 * @param {File} file
 * @param {{method: string, url: string, headers: Record<string, string>}} upload
 * @param {(share: number) => void} progress 0–1
 * @param {AbortSignal} signal
 */
export function send(file, upload, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of an upload's progress
    const url = new URL(upload.url, location.href);
    request.open(upload.method, url);
    for (const [name, value] of Object.entries(upload.headers)) {
      if (!["host", "content-length"].includes(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    if (url.origin === location.origin) request.setRequestHeader("Authorization", authorization());
    request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    request.onload = () => (request.status < 300 ? resolve(undefined) : reject(new Problem(request.status, problemIn(request))));
    request.onerror = () => reject(new Problem(0, { detail: "The upload was interrupted. Nothing was imported; try again." }));
    request.onabort = () => reject(new Problem(0, { detail: "The upload was cancelled. Nothing was imported." }));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function problemIn(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { detail: `The store refused the upload (${request.status}).` };
  }
}
