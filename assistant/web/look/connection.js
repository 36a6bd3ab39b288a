// What is not lost when the page goes: while the server cannot be reached the page says so, and its library opens it again
// afterwards; what stands in the question box outlives that.
const $ = (selector) => document.querySelector(selector);
const root = document.documentElement;
const DRAFT = "assistant-draft";
const LOOK_MS = 2000;

// --- the connection ---

let looking = 0;

/** After something has failed: is the server there at all? Looks again until it is. */
export function look() {
  if (looking || !$(".toast-wrap .error")) return;
  looking = setInterval(ask, LOOK_MS);
  ask();
}

async function ask() {
  const there = await fetch("gradio_api/app_id").then((answer) => answer.ok, () => false);
  root.classList.toggle("away", !there);
  if (!there) return;
  clearInterval(looking);
  looking = 0;
}

// --- the question box: by whom it was written, for another one may sign in ---

const box = () => $("#question textarea");
const who = () => $(".account")?.textContent ?? "";

addEventListener("pagehide", () => {
  const text = box()?.value ?? "";
  if (text) sessionStorage.setItem(DRAFT, JSON.stringify({ who: who(), text }));
  else sessionStorage.removeItem(DRAFT);
});

function restore() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  sessionStorage.removeItem(DRAFT);
  if (draft?.who !== who() || !box() || box().value) return;
  box().value = draft.text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

if (window.opened) restore();
else addEventListener("opened", restore, { once: true });
