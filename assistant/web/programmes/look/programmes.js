// What the page does more with a script: it is not left when a form is sent, and going back or reloading loses nothing.
// What was sent stays in the history of this tab alone.

const $ = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const PHONE = 760;
let waiting = null;
let byPointer = false;

function say(words, shown) {
  const status = $("#status");
  status.textContent = words;
  status.classList.toggle("unseen", !shown);
}

function begin() {
  const examples = $(".egs");
  if (examples) examples.hidden = false;
  const print = $("#print");
  if (print) print.hidden = false;
  if (innerWidth < PHONE) all("[data-fold]").forEach((fold) => (fold.open = false));
}

function adopt(text) {
  const given = new DOMParser().parseFromString(text, "text/html");
  document.title = given.title;
  document.documentElement.lang = given.documentElement.lang;
  Object.assign(document.body.dataset, given.body.dataset);
  for (const part of ["header", "main"]) $(part).replaceWith(document.adoptNode($(part, given)));
  begin();
}

async function send(body, query = "") {
  waiting?.abort();
  const mine = (waiting = new AbortController());
  say(document.body.dataset.finding, true);
  $("main").setAttribute("aria-busy", "true");
  try {
    const path = $("[data-ask]").getAttribute("action");
    const answer = await fetch(path + query, {
      method: "POST",
      body,
      signal: mine.signal,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    if (!(answer.headers.get("content-type") ?? "").startsWith("text/html")) throw new Error(String(answer.status));
    adopt(await answer.text());
    say($("#result")?.dataset.summary ?? "", false);
    return true;
  } catch (error) {
    if (error.name !== "AbortError") {
      $("main").removeAttribute("aria-busy");
      say(document.body.dataset.away, true);
    }
    return false;
  }
}

function written(form, submitter) {
  return new URLSearchParams(new FormData(form, submitter)).toString();
}

async function submit(form, submitter) {
  const corrects = form.id === "firm";
  const changed = document.activeElement?.closest("[id^=field-]")?.id.slice("field-".length);
  const name = document.activeElement?.name;
  if (!(await send(written(form, submitter)))) return;
  const result = $("#result");
  if (!result) return $("[role=alert]").scrollIntoView({ block: "nearest" });
  if (corrects) history.replaceState({ body: kept() }, "");
  else history.pushState({ body: kept() }, "");
  if (!corrects) scrollTo(0, 0);
  const back = corrects && ($(`#fact-${changed}`) ?? $(`#firm [name="${name}"], select[name="${name}"]`));
  (back || result).focus({ preventScroll: true });
}

// What the page shows now, to be asked for again: no sentence is read for it, and nothing stored or deleted.
function kept() {
  const body = new URLSearchParams(written($("#firm")));
  body.delete("keep");
  body.delete("asked");
  return body.toString();
}

function lead(place) {
  for (let at = place.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const own = place.matches("li, .field") ? $("details", place) : null;
  if (own) own.open = true;
  place.scrollIntoView({ block: "center" });
  const control = place.matches("li, .field") ? $("input, select", place) : null;
  if (!control) place.tabIndex = -1;
  (control ?? place).focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-ask]")) return;
  event.preventDefault();
  submit(event.target, event.submitter);
});

document.addEventListener("click", async (event) => {
  const example = event.target.closest("[data-example]");
  const inside = event.target.closest('a[href^="#"]');
  const language = event.target.closest("[data-language]");
  if (example) {
    const box = $(".start textarea");
    box.value = example.textContent;
    box.focus();
  } else if (inside) {
    const place = document.getElementById(inside.hash.slice(1));
    event.preventDefault(); // an address of its own would be another page to go back to
    if (place) lead(place);
  } else if (language && $("#firm")) {
    event.preventDefault();
    if (await send(kept(), language.getAttribute("href"))) {
      history.replaceState({ body: kept() }, "");
      $("[data-language][aria-current]").focus();
    }
  } else if (event.target.closest("#print")) print();
  else if (event.target.closest("nav [aria-current]")) history.replaceState(null, ""); // to begin anew
});

document.addEventListener("pointerdown", () => (byPointer = true), true);
document.addEventListener("keydown", () => (byPointer = false), true);
document.addEventListener("change", (event) => {
  const { target } = event;
  if (!target.form || target.form.id !== "firm") return;
  if (target.name === "show") history.replaceState({ ...history.state, body: kept() }, "");
  else if (["sort", "keep"].includes(target.name)) submit(target.form);
  // with the keyboard one has to pass the first choice to reach the next
  else if (target.type === "radio" && byPointer && target.closest(".asks")) submit(target.form);
});

let opened = [];
addEventListener("beforeprint", () => {
  opened = all(".results details:not([open])");
  opened.forEach((each) => (each.open = true));
});
addEventListener("afterprint", () => opened.forEach((each) => (each.open = false)));

addEventListener("pagehide", () => {
  if (history.state?.body) history.replaceState({ ...history.state, y: scrollY }, "");
});
addEventListener("popstate", async (event) => {
  if (event.state?.body) await send(event.state.body);
  else location.reload();
});

begin();
const { body: before, y = 0 } = history.state ?? {};
if (before && $("[data-ask]") && (await send(before))) scrollTo(0, y);
if (location.hash === "#marked") $("#marked")?.scrollIntoView({ block: "center" });
