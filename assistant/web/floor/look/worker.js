// Keeps the page, and what it asked for, for the time when the server is away. MARK and FILES stand above, made by the
// server: MARK changes with any of the files. Paths begin with the server's own. What is answered from here says so: x-away, and x-held with its time.
const path = (name) => new URL(name, self.location).pathname;
const SHELL = FILES.map(path);
const FLOOR = path("../floor");
const KEPT = `floor-shell-${MARK}`;
const DATA = "floor-data";
const PATIENCE_MS = 4000;
const PICTURES = 80;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("floor-shell-") && name !== KEPT) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (url.pathname === FLOOR) event.respondWith(page(event.request));
    return;
  }
  if (SHELL.includes(url.pathname) || url.pathname === `${FLOOR}/manifest.webmanifest`) {
    event.respondWith(file(event.request, url));
  } else if (url.pathname.startsWith(`${FLOOR}/page/`)) event.respondWith(picture(event.request));
  else if (url.pathname.startsWith(`${FLOOR}/machines`)) event.respondWith(known(event.request, url));
  else if (url.pathname.startsWith(`${FLOOR}/`)) event.respondWith(fetch(event.request).catch(nobody));
});

const nobody = () => new Response("{}", { headers: { "content-type": "application/json", "x-away": "1" } });

function soon(request) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), PATIENCE_MS);
  return fetch(request, { signal: stop.signal }).finally(() => clearTimeout(clock));
}

async function page(request) {
  try {
    return await soon(request);
  } catch {
    const cache = await caches.open(KEPT);
    return (await cache.match(FLOOR)) ?? Response.error();
  }
}

async function file(request, url) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(url.pathname);
  return kept ?? fetch(request).catch(nobody);
}

// A picture's address carries the state of its document: one that is kept is right as long as it may be seen.
async function picture(request) {
  const cache = await caches.open(DATA);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await cache.put(request, answer.clone());
      const pictures = (await cache.keys()).filter((each) => new URL(each.url).pathname.startsWith(`${FLOOR}/page/`));
      for (const old of pictures.slice(0, Math.max(0, pictures.length - PICTURES))) await cache.delete(old);
    } else await cache.delete(request);
    return answer;
  } catch {
    return (await cache.match(request)) ?? new Response(null, { status: 204 });
  }
}

async function known(request, url) {
  const cache = await caches.open(DATA);
  url.searchParams.delete("look");
  try {
    const answer = await soon(request);
    if (answer.ok) {
      const copy = answer.clone();
      const headers = new Headers(copy.headers);
      headers.set("x-held", new Date().toISOString());
      headers.set("x-away", "1");
      await cache.put(url.href, new Response(await copy.blob(), { headers }));
    } else if (answer.status === 404) await cache.delete(url.href);
    return answer;
  } catch {
    return (await cache.match(url.href)) ?? nobody();
  }
}
