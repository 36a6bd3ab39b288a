// The list: search, filter, what can be done with each document.
import { $, ME, alarm, all, ask, audience, called, changed, h, moment, say, tag } from "./base.js";
import { deleteDocument, showHistory, relabelDocument, restoreDocument, withdrawDocument } from "./dialogs.js";

const STEP = 50;
const GROUPS = { all: null, current: ["current", "coming", "part"], superseded: ["superseded"], failed: ["failed", "part"], withdrawn: ["withdrawn"] };
let rows = [];
let shown = STEP;
let group = "all";
let loaded = false;

export const documents = () => rows;

export async function load() {
  try {
    ({ rows } = await ask("documents"));
    loaded = true;
    alarm($("#documents-said"), "");
  } catch (error) {
    alarm($("#documents-said"), error.message);
  }
  fill();
  changed("documents");
}

const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
function fits(row) {
  const typed = folded($("#find").value).split(" ").filter(Boolean);
  const held = folded([row.title, row.file, row.version, row.collection, called(row.collection), ...row.labels].join(" "));
  const collection = $("#collection").value;
  return typed.every((each) => held.includes(each)) && (!collection || row.collection === collection);
}
const inGroup = (row, name) => !GROUPS[name] || GROUPS[name].includes(row.status);

function fill() {
  const found = rows.filter(fits);
  const visible = found.filter((row) => inGroup(row, group));
  for (const button of all("#groups button")) {
    const name = button.dataset.group;
    const count = found.filter((row) => inGroup(row, name)).length;
    button.replaceChildren(say(`group_${name}`), " ", h("span", {}, String(count)));
    button.setAttribute("aria-pressed", String(name === group));
    button.hidden = !count && name !== "all" && name !== group;
  }
  fillCollections();
  $("#rows").replaceChildren(...visible.slice(0, shown).map(line));
  const none = loaded && !visible.length;
  $("#none").hidden = !none;
  $("#none").textContent = say(rows.length ? "none_found" : ME.staff ? "none_yet" : "none_yet_member");
  $("#table").hidden = none;
  for (const id of ["#find", "#groups", "#counted"]) $(id).hidden = loaded && !rows.length;
  $("#more").hidden = visible.length <= shown;
  $("#counted").textContent = say("counted", { shown: Math.min(shown, visible.length), count: visible.length });
}

function fillCollections() {
  const names = [...new Set(rows.map((row) => row.collection).filter(Boolean))].sort();
  const now = $("#collection").value;
  $("#collection").hidden = !names.length;
  if ($("#collection").options.length === names.length + 1) return;
  $("#collection").replaceChildren(h("option", { value: "" }, say("all_collections")), ...names.map((name) => h("option", { value: name }, called(name))));
  $("#collection").value = names.includes(now) ? now : "";
}

function line(row) {
  const reason = row.reason && h("p", { class: "reason" }, h("span", { lang: "en" }, `${row.reason} ${row.hint}`.trim()), " ",
    row.status === "failed" && h("a", { href: "#add" }, say("replace_file")));
  const why = row.status === "withdrawn" && h("p", { class: "reason" }, say("withdrawn_on", { date: moment(row.at) }), row.why && `: ${row.why}`);
  const newer = rows.find((each) => each.key === row.superseded_by);
  const next = newer && h("p", { class: "reason soft" }, say("newer", { title: newer.title }));
  return h("tr", { class: row.status, "data-key": row.key },
    h("td", { class: "st" }, tag(row.status)),
    h("td", { class: "ti" }, h("div", { class: "t" }, h("span", {}, row.title), h("small", {}, row.file)), reason, why, next),
    h("td", { class: "ver" }, row.version || "–"),
    h("td", { class: "o nowrap" }, row.effective_date || row.date || "–"),
    h("td", { class: "o hide nowrap" }, called(row.collection) || "–"),
    h("td", { class: "o" }, row.labels.length ? h("span", { class: "label", title: row.labels.join(", ") }, audience(row.labels)) : "–"),
    h("td", { class: "act" }, menu(row)));
}

// --- what can be done -------------------------------------------------------------------------------------------

const ACTIONS = {
  replace: (row) => changed("replace", row),
  compare: (row) => location.assign(`documents/compare?new=${encodeURIComponent(row.key)}`),
  relabel: relabelDocument,
  withdraw: withdrawDocument,
  restore: restoreDocument,
  history: showHistory,
  delete: deleteDocument,
};
function offered(row) {
  const comparable = row.supersedes || rows.some((each) => each.superseded_by === row.key);
  const more = row.status === "failed" ? [] : ["history"];
  const can = [...row.may, ...(comparable ? ["compare"] : []), ...more];
  return Object.keys(ACTIONS).filter((name) => can.includes(name));
}

function menu(row) {
  const names = offered(row);
  if (!names.length) return "";
  const items = names.map((name) =>
    h("button", { type: "button", role: "menuitem", tabindex: "-1", class: name === "delete" ? "del" : "", "data-do": name,
      onclick: () => (shut(), ACTIONS[name](row)) }, say(`do_${name}`)));
  return [
    h("button", { type: "button", class: "more", "aria-label": say("actions", { title: row.title }), "aria-haspopup": "menu",
      "aria-expanded": "false", onclick: (event) => toggle(event.currentTarget) }, "⋯"),
    h("div", { class: "menu", role: "menu", hidden: true, onkeydown: move }, items),
  ];
}

function shut(focus = false) {
  const open = $(".menu:not([hidden])");
  if (!open) return;
  open.hidden = true;
  open.previousElementSibling.setAttribute("aria-expanded", "false");
  if (focus) open.previousElementSibling.focus();
}
function toggle(button) {
  const list = button.nextElementSibling;
  const opens = list.hidden;
  shut();
  list.hidden = !opens;
  button.setAttribute("aria-expanded", String(opens));
  if (!opens) return;
  list.classList.toggle("up", list.getBoundingClientRect().bottom > innerHeight);
  $("button", list).focus();
}
function move(event) {
  const items = all("button", event.currentTarget);
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") shut(event.key === "Escape");
  else if (to === undefined) return;
  else items.at(to % items.length).focus();
  if (event.key !== "Tab") event.preventDefault();
}

export function start() {
  const again = () => ((shown = STEP), fill());
  $("#find").addEventListener("input", again);
  $("#collection").addEventListener("change", again);
  for (const button of all("#groups button")) button.addEventListener("click", () => ((group = button.dataset.group), again()));
  $("#more").addEventListener("click", () => ((shown += STEP), fill()));
  document.addEventListener("click", (event) => event.target.closest(".act") || shut());
  load();
}
