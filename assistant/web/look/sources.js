// The pane of sources: the documents of one turn, and the cited place of one of them. Follows the newest turn until
// a reader has chosen something else.
const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** What is open: the turn, the number of the citation, and whether a reader chose it. */
export const at = { turn: "", n: "", chosen: false, count: 0 };
let zoom = 1;
let shown = "";
let looking = 0;

const turnOf = (number) => $(`.turn[data-turn="${number}"]`);
const items = (turn) => (turn ? all("li[data-n]", turn).sort((a, b) => a.dataset.n - b.dataset.n) : []);

/** Open citation `n` of a turn. */
export function open(turn, n) {
  Object.assign(at, { turn: String(turn), n: String(n), chosen: true });
  draw();
}

/** Go to the citation before (-1) or after (1). */
export function step(by) {
  const numbers = items(turnOf(at.turn)).map((each) => each.dataset.n);
  const next = numbers[numbers.indexOf(at.n) + by];
  if (next) open(at.turn, next);
}

/** Larger or smaller; the cited place stays in sight. */
export function zoomBy(by) {
  zoom = Math.min(3, Math.max(0.5, zoom + by));
  $("#view").style.setProperty("--zoom", zoom);
  settle();
}

/** After the page has changed: open the first citation of a new turn, and set again what belongs to the script. */
export function refresh() {
  const turns = all("#conversation .turn");
  const newest = turns.at(-1);
  if (turns.length !== at.count) {
    at.count = turns.length;
    at.chosen = false;
  }
  if (!turns.length) {
    Object.assign(at, { turn: "", n: "" });
  } else if (!at.chosen || !turnOf(at.turn)) {
    const first = items(newest)[0];
    const fresh = at.turn !== newest.dataset.turn || !items(newest).some((each) => each.dataset.n === at.n);
    if (fresh) Object.assign(at, { turn: newest.dataset.turn, n: first ? first.dataset.n : "", chosen: false });
  }
  draw();
}

function draw() {
  const pane = $(".src");
  if (!pane) return;
  const turn = turnOf(at.turn);
  const list = turn && $(".sources", turn);
  fill($("#docs", pane), list?.innerHTML ?? "");
  const known = items(turn);
  const now = known.find((each) => each.dataset.n === at.n);
  button(known.length);
  set($(".tools", pane), "hidden", !now);
  for (const chip of all("#conversation .cite")) {
    attribute(chip, "aria-pressed", String(Boolean(now) && chip.dataset.turn === at.turn && chip.dataset.n === at.n));
  }
  for (const each of all(".doc", pane)) attribute(each, "aria-current", String(each.dataset.document === now?.dataset.document));
  const title = $("#docs h2", pane)?.textContent;
  if (title) write($("#sources-title", pane), title);
  if (!now) {
    shown = "";
    fill($("#view", pane), "");
    return;
  }
  const place = $("#at", pane);
  write(place, place.dataset.said.replace("%n", known.indexOf(now) + 1).replace("%c", known.length));
  look(pane, known, now);
}

/** Fetch the document of a citation with all of the turn's places in it marked. */
async function look(pane, known, now) {
  const { document: name } = now.dataset;
  const places = known.filter((each) => each.dataset.document === name).map((each) => each.dataset.at);
  const query = new URLSearchParams([["now", now.dataset.at], ...new Set(places)].map((each) => (Array.isArray(each) ? each : ["at", each])));
  const path = name.split("/").map(encodeURIComponent).join("/");
  const wanted = `documents/source/${path}?${query}&lang=${document.documentElement.lang}`;
  if (wanted === shown) return;
  shown = wanted;
  const mine = (looking += 1);
  const view = $("#view", pane);
  attribute(view, "aria-busy", "true");
  let said = "";
  try {
    const answer = await fetch(wanted);
    if (!answer.ok && answer.status !== 404) throw new Error(answer.status);
    said = await answer.text();
  } catch {
    const failed = document.createElement("p");
    failed.className = "seen-note";
    failed.textContent = view.dataset.failed;
    said = failed.outerHTML;
    shown = "";
  }
  if (mine !== looking) return;
  view.removeAttribute("aria-busy");
  view.innerHTML = said;
  const seen = $(".seen", view);
  write($("#where", pane), seen?.dataset.where ?? "");
  for (const kind of ["read", "file"]) {
    const link = $(`[data-link=${kind}]`, pane);
    const there = seen?.dataset[kind];
    set(link, "hidden", !there);
    if (there) attribute(link, "href", there);
  }
  for (const image of all("img", view)) image.addEventListener("load", settle, { once: true });
  settle();
}

/** Bring the cited place into sight: a page is made as wide as its cited lines, or as legible type needs it. */
function settle() {
  const view = $("#view");
  const mark = $("rect.now", view) ?? $("[data-now]", view);
  if (!mark) return;
  view.style.setProperty("--zoom", fitted(view) * zoom);
  const place = mark.getBoundingClientRect();
  const frame = view.getBoundingClientRect();
  const words = $("rect.word.now", view)?.getBoundingClientRect();
  const from = words && words.right - place.left > view.clientWidth - EDGE ? words.left : place.left;
  view.scrollTo({
    top: place.top - frame.top + view.scrollTop - Math.min(140, view.clientHeight / 3),
    left: mark.matches("rect") ? from - frame.left + view.scrollLeft - EDGE : 0,
  });
}

/** Pixels left free beside the cited words. */
const EDGE = 24;

/** Pixels for a point at the least: small print stays legible, also where the pane is narrow. */
const LEGIBLE = 1.05;

function fitted(view) {
  const page = $(".leaf svg", view);
  if (!page) return 1;
  const boxes = all("rect.now", page).map((each) => each.getBBox());
  const left = Math.min(...boxes.map((each) => each.x));
  const right = Math.max(...boxes.map((each) => each.x + each.width));
  const whole = page.viewBox.baseVal.width;
  const least = Math.max(1, (LEGIBLE * whole) / (view.clientWidth - 32));
  return Math.min(Math.max(1.6, least), Math.max(least, whole / (right - left + 0.08 * whole)));
}

/** The button over the question that opens the sheet on a phone. */
function button(count) {
  const here = $("#open-sources");
  if (!here) return;
  set(here, "hidden", !count);
  write($("b", here), String(count || ""));
}

// Each of these changes nothing where nothing is to be changed: the page is watched for changes.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function fill(element, html) {
  if (element.dataset.held !== html) {
    element.dataset.held = html;
    element.innerHTML = html;
  }
}
function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}
function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
