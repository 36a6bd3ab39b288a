// The chat page: buttons inside rendered HTML say what was pressed; chips show their quotes and open their documents.
// Nothing here knows what an answer is: everything that is shown was rendered by the server.
import { look } from "./connection.js";
import { open, refresh, step, zoomBy } from "./sources.js";

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;

/** Fill in one of the boxes that nobody sees: what is said reaches the handler of that name. */
function say(name, said) {
  const box = $(`#say-${name} textarea, #say-${name} input`);
  if (!box) return;
  box.value = typeof said === "string" ? said : JSON.stringify(said);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
}

// --- quotes of chips ---

/** The place of a source: the item of the list of quotes with its number. */
const item = (chip) => $(`.turn[data-turn="${chip.dataset.turn}"] li[data-n="${chip.dataset.n}"]`);

function pop(chip) {
  const source = item(chip);
  const shown = $("#pop");
  if (!source || !shown || chip.closest(".ev")) return;
  shown.replaceChildren(...all(".quote, .from", source).map((each) => each.cloneNode(true)));
  shown.hidden = false;
  chip.setAttribute("aria-describedby", "pop");
  const place = chip.getBoundingClientRect();
  const height = shown.offsetHeight;
  const below = place.bottom + 8 + height <= innerHeight;
  shown.style.left = `${Math.max(16, Math.min(place.left - 24, innerWidth - shown.offsetWidth - 16))}px`;
  shown.style.top = `${below ? place.bottom + 8 : Math.max(8, place.top - height - 8)}px`;
}

function unpop() {
  const shown = $("#pop");
  if (shown) shown.hidden = true;
}

document.addEventListener("pointerover", (event) => {
  const chip = event.target.closest?.("#conversation .cite");
  if (chip && event.pointerType !== "touch") pop(chip);
  else if (!event.target.closest?.("#pop")) unpop();
});
document.addEventListener("focusin", (event) => {
  const chip = event.target.closest?.("#conversation .cite");
  if (chip?.matches(":focus-visible")) pop(chip);
  else unpop();
});

// --- sheet, drawer, menus ---

let opener = null;

function shut() {
  const was = root.classList.contains("sheet") || root.classList.contains("drawer");
  root.classList.remove("sheet", "drawer");
  if (was) opener?.focus();
  opener = null;
}

/** Show what `pressed` asks for over the page (where it does not stand beside it), and put the focus there. */
function cover(kind, pressed) {
  if (kind === "sheet" && innerWidth > 760) return;
  opener = pressed;
  root.classList.add(kind);
  if (kind === "sheet") $(".src .shut").focus();
  if (kind === "drawer") $(".rail [data-do=new]")?.focus();
}

function closeMenus(except) {
  for (const menu of all(".menu:not([hidden])")) {
    if (menu === except) continue;
    menu.hidden = true;
    menu.previousElementSibling.setAttribute("aria-expanded", "false");
  }
}

function toggleMenu(button) {
  const menu = button.nextElementSibling;
  closeMenus(menu);
  menu.hidden = !menu.hidden;
  button.setAttribute("aria-expanded", String(!menu.hidden));
  if (!menu.hidden) $("button", menu).focus();
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  if (event.key === "Escape") {
    if (menu) menu.previousElementSibling.focus();
    closeMenus();
    if ($("#pop")?.hidden === false) unpop();
    else shut();
  } else if (menu && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    const entries = all("button", menu);
    const next = entries.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    entries.at(next % entries.length).focus();
    event.preventDefault();
  } else if (event.key === "Tab" && (root.classList.contains("sheet") || root.classList.contains("drawer"))) {
    trap(event);
  }
});

/** Keep the focus inside what covers the page. */
function trap(event) {
  const inside = root.classList.contains("drawer") ? $(".rail") : innerWidth <= 760 ? $(".src") : null;
  const stops = inside && all("button, a, input, [tabindex='0']", inside).filter((each) => each.checkVisibility?.());
  if (!stops?.length) return;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge || !inside.contains(document.activeElement)) {
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
    event.preventDefault();
  }
}

// --- what is pressed ---

const row = (element) => element.closest(".row");

async function ask(dialog, set) {
  set(dialog);
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  return dialog.returnValue === "yes";
}

const DONE = {
  new: () => (shut(), say("clear", "")),
  open: (pressed) => (shut(), say("open", row(pressed).dataset.id)),
  menu: toggleMenu,
  drawer: (pressed) => cover("drawer", pressed),
  close: shut,
  rename: async (pressed) => {
    const { id } = row(pressed).dataset;
    const before = $(".title", row(pressed)).textContent;
    const input = $("#renaming input");
    if (await ask($("#renaming"), () => (input.value = before))) say("rename", { id, title: input.value });
  },
  delete: async (pressed) => {
    const { id } = row(pressed).dataset;
    const title = $(".title", row(pressed)).textContent;
    if (await ask($("#deleting"), (dialog) => ($("[data-title]", dialog).textContent = title))) say("delete", id);
  },
  export: (pressed) => {
    saving = $(".title", row(pressed)).textContent;
    say("export", row(pressed).dataset.id);
  },
  print: () => (shut(), print()),
  cancel: (pressed) => pressed.closest("dialog").close(""),
  prev: () => step(-1),
  next: () => step(1),
  smaller: () => zoomBy(-0.25),
  larger: () => zoomBy(0.25),
  sources: (pressed) => cover("sheet", pressed),
};

document.addEventListener("click", (event) => {
  const fold = event.target.closest?.("#conversation summary")?.parentElement;
  if (fold) unfolded.set(fold, !fold.open);
  const pressed = event.target.closest?.("button, a, .shade, [data-do]");
  if (!pressed?.closest("[data-do=menu]")) closeMenus();
  if (!pressed) return;
  const said = pressed.dataset;
  if (said.do) DONE[said.do]?.(pressed);
  else if (pressed.matches(".cite, .doc")) {
    unpop();
    open(said.turn, said.n);
    if (pressed.matches(".cite")) cover("sheet", pressed);
  } else if (said.ask !== undefined) say("ask", said.ask);
  else if (said.edit !== undefined) edit(said.edit);
  else if (said.speak) speak(said.speak);
  else if (said.copy) copy(pressed);
  else if (said.rate) rate(pressed);
  else if (said.missing) say("rate", { turn: Number(said.missing), rating: "down", reason: "reason_missing" });
  else if (said.reason) choose(pressed);
});

function edit(question) {
  const box = $("#question textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  box.setSelectionRange(question.length, question.length);
}

function speak(language) {
  document.cookie = `assistant-language=${language}; path=/; max-age=31536000; samesite=lax`;
  root.lang = language;
  say("speak", language);
}

function rate(pressed) {
  const rating = pressed.getAttribute("aria-pressed") === "true" ? "" : pressed.dataset.rate;
  wrong = rating === "down" ? pressed.dataset.turn : "";
  say("rate", { turn: Number(pressed.dataset.turn), rating });
}

let wrong = ""; // the turn whose reasons are to come into sight

function showReasons() {
  const reasons = wrong && $(`.why[data-turn="${wrong}"]`);
  if (!reasons) return;
  wrong = "";
  reasons.scrollIntoView({ block: "nearest" });
}

function choose(pressed) {
  for (const each of all("[data-reason]", pressed.parentElement)) {
    each.setAttribute("aria-pressed", String(each === pressed && pressed.getAttribute("aria-pressed") !== "true"));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches(".money")) event.preventDefault();
  if (!form.matches(".why")) return;
  event.preventDefault();
  const reason = $("[aria-pressed=true]", form)?.dataset.reason ?? "reason_none";
  say("rate", { turn: Number(form.dataset.turn), rating: "down", reason, note: form.elements.note.value });
});

/** What was answered with its quotes and where they stand, as plain text. */
async function copy(pressed) {
  const turn = pressed.closest(".turn");
  const text = (each) => each.innerText.replace(/\s+/g, " ").trim();
  const quotes = all("li[data-n]", turn).map(
    (each) => `[${each.dataset.n}] ${all(".quote, .from", each).map((part) => part.textContent.trim()).join("\n    ")}`,
  );
  const said = [text($(".asked p", turn)), ...all(".answer .say, .answer h2, .sig, .unsure, .money tr", turn).map(text), ...quotes];
  await navigator.clipboard.writeText(said.join("\n\n"));
  const label = $("span", pressed);
  const before = label.textContent;
  label.textContent = pressed.dataset.done;
  setTimeout(() => (label.textContent = before), 2000);
}

// --- money: an input was changed, the server computes again ---

let asked = 0;

async function compute(form) {
  const card = form.closest(".computed");
  const rule = JSON.parse(card.dataset.rule);
  const inputs = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const turn = card.closest(".turn");
  const known = all(".found li[data-n]", turn).map((each) => {
    const [start, end] = each.dataset.at.split("-");
    return [each.dataset.document, Number(start), Number(end)];
  });
  const body = { name: rule.name, target: rule.target, as_of: rule.as_of, inputs, known };
  const mine = (asked += 1);
  const answer = await fetch("rules/compute", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, language: card.dataset.language, turn: Number(card.dataset.turn) }),
  });
  const said = await answer.text();
  if (mine !== asked) return;
  const wrong = $(".wrong", form);
  wrong.textContent = answer.ok ? "" : JSON.parse(said).detail;
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(said, "text/html");
  const parts = {};
  for (const part of ["headline", "out", "checks"]) {
    const shown = $(`.${part}`, card);
    shown.replaceChildren(...$(`.${part}`, parsed).childNodes);
    parts[part] = shown.innerHTML;
  }
  computed.set(card, parts);
}

// --- the page is drawn anew while an answer comes: what a reader has changed stays as it is ---

const computed = new Map();
const unfolded = new Map();

function keep() {
  for (const [card, parts] of computed) {
    if (!card.isConnected) computed.delete(card);
    for (const [part, html] of Object.entries(parts)) {
      const shown = $(`.${part}`, card);
      if (shown && shown.innerHTML !== html) shown.innerHTML = html;
    }
  }
  for (const [fold, open] of unfolded) {
    if (!fold.isConnected) unfolded.delete(fold);
    else if (fold.open !== open) fold.open = open;
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.(".money");
  if (form) compute(form);
});

// --- finding a conversation ---

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-find]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  const rows = all(".talks .row");
  for (const each of rows) each.hidden = !each.dataset.words.includes(wanted);
  for (const title of all(".talks h3")) title.parentElement.hidden = Boolean(wanted);
  $(".rail .none").hidden = rows.some((each) => !each.hidden);
});

// --- on paper: under its name, light, with nothing folded away ---

let screen = null;

addEventListener("beforeprint", () => {
  const title = $(".rail .row.here .title")?.textContent ?? "";
  const folds = all("#conversation details:not([open])");
  screen = { title: document.title, theme: root.dataset.theme, folds };
  for (const fold of folds) fold.open = true;
  if (title) document.title = $("#conversation .conversation").dataset.title = title;
  root.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  for (const fold of screen.folds) fold.open = false;
  document.title = screen.title;
  if (screen.theme) root.dataset.theme = screen.theme;
  else delete root.dataset.theme;
});

// --- for the page's own events ---

let saving = "";

window.alliance = {
  showNewest() {
    requestAnimationFrame(() => {
      const newest = all(".turn").at(-1);
      const flow = $("#conversation");
      if (!newest) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const top = newest.getBoundingClientRect().top - flow.getBoundingClientRect().top + flow.scrollTop;
      flow.scrollTo({ top: top - 8, behavior: still ? "auto" : "smooth" });
    });
  },
  save(markdown) {
    if (!markdown || !saving) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([markdown], { type: "text/markdown" }));
    link.download = `${saving.replace(/[\\/:*?"<>|]+/g, " ").trim().slice(0, 80)}.md`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    saving = "";
  },
};

new MutationObserver(() => {
  keep();
  showReasons();
  refresh();
  look();
}).observe(document.body, { childList: true, subtree: true });
