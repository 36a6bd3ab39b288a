// The glossary: each term in its document's words, the version that says so, and what earlier versions said.
import { $, Refused, alarm, all, ask, h, say } from "./base.js";

const named = (one) => [one.version, one.effective_date].filter(Boolean).join(" · ") || "–";
const marked = (change) => change.words.map(([kind, text]) => (kind === "=" ? text : h(kind === "-" ? "del" : "ins", {}, text)));
const COLOURS = { added: "yes", removed: "no", value: "maybe", changed: "note" };
const kind = (change) => h("span", { class: `tag ${COLOURS[change.kind]}` }, say(`kind_${change.kind}`));

export async function show() {
  try {
    const { terms } = await ask("glossary");
    const here = document.documentElement.lang;
    terms.sort((a, b) => (b.document.language === here) - (a.document.language === here));
    $("#terms-list").replaceChildren(...terms.map(item));
    alarm($("#glossary-said"), "");
    find();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alarm($("#glossary-said"), error.message);
  }
}

function item(term) {
  const { document: own, revisions } = term;
  const state = term.text ? revisions.length > 0 && h("span", { class: "tag maybe" }, say("term_changed", { count: revisions.length })) : h("span", { class: "tag" }, say("term_gone"));
  const source = h("p", { class: "from" }, h("a", { class: "link", href: `documents/read/${own.document_id.split("/").map(encodeURIComponent).join("/")}` }, own.title), ` · ${[...term.section.slice(-1), named(own)].join(" · ")}`);
  const lang = own.language;
  return h("li", { "data-words": `${term.name} ${term.text}`.toLowerCase() },
    h("details", {}, h("summary", {}, h("b", { lang }, term.name), state, h("span", { class: "soft small" }, named(own))),
      term.text && h("blockquote", { class: "quote", lang }, term.text.split("\n").map((line) => h("p", {}, line))), source,
      revisions.length > 0 && h("ul", { class: "chg" }, revisions.map((one) => h("li", {}, h("p", { class: "from" }, h("span", {}, `${named(one.old)} → ${named(one.new)}`), kind(one)), h("blockquote", { class: "quote", lang }, marked(one)))))));
}

function find() {
  const wanted = $("#term").value.trim().toLowerCase();
  const rows = all("#terms-list > li");
  for (const row of rows) row.hidden = !row.dataset.words.includes(wanted);
  const empty = rows.every((row) => row.hidden);
  $("#terms-list").hidden = empty;
  $("#no-terms").hidden = !empty;
  $("#no-terms").textContent = say(rows.length ? "no_term" : "no_glossary");
}

export const start = () => $("#term")?.addEventListener("input", find);
