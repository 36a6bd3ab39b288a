// What readers asked in vain, and what operators wrote: each with the next step.
import { $, Refused, alarm, announce, ask, changed, h, knows, moment, say, send, tag } from "./base.js";
import { begin } from "./upload.js";

let groups = [];
let chosen = "";

async function fetched(path, where) {
  where.replaceChildren(h("p", { class: "small soft" }, say("loading")));
  try {
    const found = await ask(path);
    alarm(where, "");
    return found;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alarm(where, error.message);
    return null;
  }
}

// --- questions ----------------------------------------------------------------------------------------------------

export async function showQuestions() {
  $("#groups-list").setAttribute("aria-busy", "true");
  const found = await fetched("questions", $("#questions-said"));
  $("#groups-list").removeAttribute("aria-busy");
  if (!found) return;
  groups = found.groups;
  $("#no-questions").hidden = groups.length > 0;
  $("#questions-body").hidden = !groups.length;
  if (!groups.some((group) => group.key === chosen)) chosen = groups[0]?.key ?? "";
  list();
  if (chosen) detail();
}

const facts = (group) => [group.refused > 0 && say("not_in_documents"), say("last_asked", { date: moment(group.last) })].filter(Boolean).join(" · ");
function list() {
  $("#groups-list").replaceChildren(...groups.map((group) => h("li", {}, h("button", { type: "button", "aria-current": group.key === chosen ? "true" : false, class: group.state ? "over" : "",
    onclick: () => ((chosen = group.key), list(), detail(true)) },
    h("span", { class: "c" }, String(group.count)), h("b", {}, group.title),
    h("span", { class: "from" }, facts(group), group.bad > 0 && h("span", { class: "tag no" }, say("rated_bad", { count: group.bad })), group.state && h("span", { class: "tag" }, say(`dealt_${group.state}`)))))));
}

async function detail(focus = false) {
  const group = groups.find((each) => each.key === chosen);
  const near = h("div", { class: "near", "aria-busy": "true" });
  const step = (state) => h("button", { type: "button", class: "btn", "aria-pressed": String(group.state === state), onclick: () => deal(group, group.state === state ? "" : state) }, say(`step_${state}`));
  $("#detail").replaceChildren(...[
    h("h1", { tabindex: "-1" }, group.title),
    h("p", { class: "soft small" }, say("how_many", { count: group.count })),
    h("h2", {}, say("how_asked")), h("ul", { class: "said" }, group.asked.map((each) => h("li", {}, h("span", {}, each.question), h("span", { class: "soft small nowrap" }, say("times", { count: each.count }))))),
    group.notes.length > 0 && [h("h2", {}, say("what_was_said")), h("ul", { class: "said" }, group.notes.map((note) => h("li", {}, note)))],
    h("h2", {}, say("nearest")), near,
    h("div", { class: "next" }, h("button", { type: "button", class: "btn main", onclick: () => begin(group.title) }, say("write_missing")), step("wrong"), step("asked")),
  ].flat().filter(Boolean));
  if (focus) $("#detail h1").focus();
  const found = await fetched(`passages?question=${encodeURIComponent(group.title)}`, near);
  near.removeAttribute("aria-busy");
  if (!found || chosen !== group.key) return;
  near.replaceChildren(...found.passages.map((each) => h("figure", {}, h("blockquote", { class: "quote near" }, each.text), h("figcaption", { class: "from" }, [each.title, each.section.at(-1), each.date].filter(Boolean).join(" · ")))),
    ...(found.passages.length ? [] : [h("p", { class: "soft small" }, say("no_passages"))]));
}

async function deal(group, state) {
  try {
    await send("marks", { kind: "question", key: group.key, state });
    group.state = state;
    announce(say(state ? `dealt_${state}` : "open_again"));
    list();
    detail();
  } catch (error) {
    alarm($("#questions-said"), error.message);
  }
}

// --- notes of operators -------------------------------------------------------------------------------------------

export async function showNotes() {
  const found = await fetched("notes", $("#notes-said"));
  if (!found) return;
  $("#no-notes").hidden = found.notes.length > 0;
  $("#notes-list").replaceChildren(...[...found.notes].sort((a, b) => Boolean(a.state) - Boolean(b.state)).map(note));
}

function note(each) {
  const calls = each.kind === "call";
  const why = each.reason && knows(`why_${each.reason}`) ? say(`why_${each.reason}`) : "";
  const button = calls && h("button", { type: "button", class: "btn dense", "aria-pressed": String(Boolean(each.state)), onclick: () => see(each) }, say(each.state ? "seen_take_back" : "seen_by_maintenance"));
  return h("li", { class: each.state ? "over" : "" },
    h("div", {}, h("p", {}, calls ? tag("failed", say("call")) : tag("done", say("solved")), " ", h("b", {}, each.machine), each.version && ` (${each.version})`, each.query && ` · ${each.query}`),
      h("p", { class: "note" }, [why, each.note].filter(Boolean).join(" · ") || h("span", { class: "soft" }, say("no_words"))),
      h("p", { class: "from" }, say("written", { date: moment(each.written_at) }), each.state && say("seen_on", { date: moment(each.seen_at) }))),
    button);
}

async function see(each) {
  try {
    await send("marks", { kind: "note", key: each.id, state: each.state ? "" : "seen" });
    announce(say(each.state ? "open_again" : "seen_said"));
    await showNotes();
    changed("asked");
  } catch (error) {
    alarm($("#notes-said"), error.message);
  }
}
