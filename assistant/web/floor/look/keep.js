// What this device keeps, and what it asks the server: packs of machines, notes that wait, whether the server is there.
const DATA = "floor-data";
const RETRY_MS = 15000;
let awaySince = null;
const listeners = [];

export const away = () => awaySince;
export const onChange = (told) => listeners.push(told);

function note(reached) {
  const before = awaySince;
  awaySince = reached ? null : (awaySince ?? new Date());
  if ((before === null) !== (awaySince === null)) listeners.forEach((told) => told());
}

export function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`floor-${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(`floor-${name}`, JSON.stringify(value));
  } catch {
    // full, or not allowed: the page works without
  }
}

// The service worker answers in the server's place with the header "x-away"; without a worker, fetch itself fails.
async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, credentials: "same-origin" });
  } catch {
    note(false);
    return { away: true };
  }
  const held = answer.headers.get("x-held");
  note(!answer.headers.has("x-away"));
  if (answer.headers.has("x-away") && !held) return { away: true };
  if (!answer.ok) return { status: answer.status };
  return { value: await answer.json(), held: held ? new Date(held) : null };
}

const post = (address, body) =>
  ask(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export async function machines(language) {
  const answer = await ask(`floor/machines?lang=${language}`);
  if (!answer.value) return answer;
  if (!answer.held) await forgetOthers(answer.value.who);
  return { value: answer.value.machines };
}

// Another visitor than the one before sees nothing of what was kept for that one.
async function forgetOthers(who) {
  if (read("who", who) !== who) {
    for (const name of Object.keys(localStorage)) if (/^floor-(pack|recent|who)/.test(name)) localStorage.removeItem(name);
    if ("caches" in self) await caches.delete(DATA);
  }
  write("who", who);
}

export async function pack(machine, language) {
  const answer = await ask(`floor/machines/${encodeURIComponent(machine)}?lang=${language}`);
  const name = `pack-${language}-${machine}`;
  if (answer.value && !answer.held) {
    write(name, { stored: new Date().toISOString(), pack: answer.value });
    return { pack: answer.value, stored: new Date() };
  }
  if (answer.status === 404) {
    localStorage.removeItem(name);
    return {};
  }
  const kept = read(name, null) ?? (answer.value && { stored: answer.held, pack: answer.value });
  return kept ? { pack: kept.pack, stored: new Date(kept.stored) } : { away: true };
}

export const words = (machine, language, query) => post("floor/words", { machine, language, query });

export const pageAddress = (about, page) =>
  `floor/page/${about.document.split("/").map(encodeURIComponent).join("/")}?page=${page}&state=${about.state}`;

// --- notes: written down first, then sent; one that is sent twice has the same id ---

function newId() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const waiting = () => read("notes", []);

export async function send(said) {
  const one = { ...said, id: newId(), written_at: new Date().toISOString() };
  write("notes", [...waiting(), one]);
  const failed = await sendWaiting();
  if (failed.includes(one.id)) return "refused";
  return waiting().some((each) => each.id === one.id) ? "kept" : "sent";
}

let sending = Promise.resolve([]);

export function sendWaiting() {
  sending = sending.then(async () => {
    const failed = [];
    for (const one of waiting()) {
      const answer = await post("floor/notes", one);
      if (answer.away) break;
      if (answer.status) failed.push(one.id);
      write("notes", waiting().filter((each) => each.id !== one.id));
    }
    return failed;
  });
  return sending;
}

// --- is the server back? ---

export function watch() {
  setInterval(async () => {
    if (awaySince === null && !waiting().length) return;
    const answer = await ask("floor/machines?lang=ko&look=1");
    if (answer.value && !answer.held) await sendWaiting();
    listeners.forEach((told) => told());
  }, RETRY_MS);
  addEventListener("online", sendWaiting);
}

export async function startWorker() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("floor/worker.js", { scope: "floor" });
    return true;
  } catch {
    return false;
  }
}
