// What a hostile course does: it is in the package of one (hostile.mjs), so it runs where content runs. Each attack answers with all
// that it could read, as text; what is a secret in it the test knows.
const attacks = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What can be read of a window: text by text. */
function readsOf(w) {
  const got = [];
  const take = (what, read) => {
    try {
      const value = read();
      if (value !== undefined && value !== null && value !== "") got.push(`${what}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    } catch { /* the browser forbids it */ }
  };
  take("localStorage", () => Object.entries(w.localStorage));
  take("sessionStorage", () => Object.entries(w.sessionStorage));
  take("cookies", () => w.document.cookie);
  take("address", () => w.location.href);
  take("page", () => w.document.documentElement.outerHTML);
  take("API", () => (w.API ?? w.API_1484_11).cmi && JSON.stringify((w.API ?? w.API_1484_11).renderCMIToJSONObject()));
  for (let i = 0; i < (w.length ?? 0); i++) take(`frame ${i}`, () => w.frames[i].document.documentElement.outerHTML);
  return got;
}

attacks.collect = async () => {
  const got = [window, parent, top].flatMap(readsOf);
  for (const { name } of await indexedDB.databases()) got.push(`database: ${name}`);
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) got.push(`cache: ${name} ${request.url}`);
  }
  if (top.opener) got.push(...readsOf(top.opener), ...readsOf(top.opener.top));
  return got;
};

attacks.widen = async (domain) => {
  for (const w of [window, top]) {
    try {
      w.document.domain = domain;
    } catch { /* the browser forbids it */ }
  }
  return [];
};

attacks.listenToStorage = async () => {
  window.heard = [];
  for (const w of [window, top]) w.addEventListener("storage", (e) => window.heard.push(`${e.key}: ${e.newValue}`));
  return [];
};
attacks.listenToChannel = async (names) => {
  window.heard = [];
  for (const name of names) {
    const channel = new BroadcastChannel(name);
    channel.onmessage = (e) => window.heard.push(JSON.stringify(e.data));
    channel.postMessage({ kind: "who is signed in" });
  }
  return [];
};
attacks.heard = async () => window.heard;

attacks.open = async ([url, name]) => {
  const w = window.open(url, name ?? "_blank");
  await pause(1500);
  const got = w ? readsOf(w) : [];
  w?.close();
  return got;
};

attacks.frame = async (url) => {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  frame.src = url;
  await pause(1500);
  return [...readsOf(frame.contentWindow), ...(frame.contentDocument ? [frame.contentDocument.documentElement.outerHTML] : [])];
};

attacks.pretend = async (url) => {
  const got = [];
  for (const address of ["/console/", url]) {
    try {
      top.history.pushState(null, "", address);
      top.document.title = "Sign in";
      got.push(top.location.href);
    } catch { /* another origin's address */ }
  }
  return got;
};

attacks.serviceWorker = async () => {
  const here = location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1);
  const got = [];
  for (const [script, options] of [[`${here}worker.js`, {}], [`${here}worker.js`, { scope: "/" }], [`${here}worker.js`, { type: "module" }], ["/player/assets/latest/outbox.js", { type: "module" }], ["/worker.js", {}]]) {
    try {
      got.push((await navigator.serviceWorker.register(script, options)).scope);
    } catch { /* refused */ }
  }
  return got;
};

attacks.cookies = async (domains) => {
  for (const domain of domains) {
    for (const name of ["session", "lectern.session", "lectern.console.key", "Authorization", "__Host-session"]) {
      document.cookie = `${name}=stolen; path=/; domain=${domain}`;
      document.cookie = `${name}=stolen; path=/api/; domain=${domain}; max-age=1000`;
    }
  }
  return [];
};

attacks.fetch = async (requests) => {
  const got = [];
  for (const [url, options] of requests) {
    try {
      const answer = await fetch(url, options);
      if (answer.type !== "opaque") got.push(`${url}: ${answer.status} ${await answer.text()}`);
    } catch { /* the browser keeps the answer to itself */ }
  }
  return got;
};

attacks.message = async (targets) => {
  const got = [];
  addEventListener("message", (e) => got.push(JSON.stringify(e.data)));
  for (const w of [top, parent, ...targets.map((url) => window.open(url))]) {
    await pause(1000);
    for (const message of ["who is signed in", { kind: "who is signed in" }, { type: "key" }, { kind: "signed out" }, '{"event":"commit"}']) w?.postMessage(message, "*");
  }
  await pause(500);
  return got;
};

window.attacks = attacks;
