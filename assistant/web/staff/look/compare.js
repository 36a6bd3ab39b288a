// What changed between two versions: figures in a table, words in place, in the order of the newer document.
import { $, Refused, alarm, ask, h, say } from "./base.js";
import { documents } from "./documents.js";

let now = "";
let chosen = { "#old": "", "#new": "" };
let found = null;

function offer() {
  const rows = documents().filter((row) => !["failed", "withdrawn"].includes(row.status));
  const option = (row) => h("option", { value: row.key }, [row.version, row.effective_date, row.title].filter(Boolean).join(" · "));
  for (const id of ["#old", "#new"]) {
    const before = $(id).value || chosen[id];
    $(id).replaceChildren(h("option", { value: "" }, say(id === "#old" ? "version_before" : "choose_document")), ...rows.map(option));
    $(id).value = before;
  }
}

export async function show([old = "", fresh = ""]) {
  chosen = { "#old": old, "#new": fresh };
  offer();
  const wanted = `${old}//${fresh}`;
  if (!fresh || wanted === now) return;
  now = wanted;
  $("#old").value = old;
  $("#new").value = fresh;
  $("#changes").setAttribute("aria-busy", "true");
  try {
    found = await ask(`compare?new=${encodeURIComponent(fresh)}&old=${encodeURIComponent(old)}`);
    if (now !== wanted) return;
    $("#old").value = chosen["#old"] = found.old.document_id;
    alarm($("#compare-said"), "");
    draw();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    found = null;
    now = "";
    $("#changes").hidden = true;
    alarm($("#compare-said"), old ? error.message : say("no_version_before"));
  }
  $("#changes").removeAttribute("aria-busy");
}

const section = (change) => [change.section.at(-1), change.page && say("page_short", { page: change.page })].filter(Boolean).join(" · ");
export const marked = (change) => change.words.map(([kind, text]) => (kind === "=" ? text : h(kind === "-" ? "del" : "ins", {}, text)));
const inTable = (change) => Boolean(change.header) && change.values.length > 0 && change.kind === "changed";

function draw() {
  $("#changes").hidden = false;
  const { counts } = found;
  const values = found.changes.filter((each) => each.kind === "changed" && each.values.length);
  const sums = [["sum_values", values.length], ["sum_words", counts.changed - values.length], ["sum_added", counts.added], ["sum_removed", counts.removed], ["sum_same", found.unchanged]];
  $("#sum").replaceChildren(...sums.map(([key, count]) => h("div", {}, h("b", {}, String(count)), h("span", {}, say(key)))));
  const rows = found.changes.filter(inTable);
  const others = found.changes.filter((each) => !inTable(each));
  const version = (one, word) => one.version || one.effective_date || say(word);
  $("#values").hidden = !rows.length;
  $("#values-table").replaceChildren(
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("item")), h("th", { scope: "col", class: "num" }, version(found.old, "before")), h("th", { scope: "col", class: "num" }, version(found.new, "after")))),
    h("tbody", {}, rows.flatMap((change) => change.values.map((value, at) => h("tr", {}, h("th", { scope: "row" }, at ? "" : [change.item, h("small", {}, section(change))]),
      h("td", { class: "num" }, value.old ? h("del", {}, value.old) : "–"), h("td", { class: "num" }, value.new ? h("ins", {}, value.new) : "–"))))));
  $("#others").hidden = !others.length;
  $("#others-list").replaceChildren(...others.map((change) => h("li", {}, h("p", { class: "from" }, h("span", {}, section(change)), kind(change)), h("blockquote", { class: "quote" }, marked(change)))));
  $("#no-change").hidden = found.changes.length > 0;
}

export function kind(change) {
  const name = change.kind === "changed" && change.values.length ? "value" : change.kind;
  return h("span", { class: `tag ${{ added: "yes", removed: "no", value: "maybe", changed: "note" }[name]}` }, say(`kind_${name}`));
}

function table() {
  const cell = (text) => `"${String(text).replace(/^(?=[=+\-@\t])/, "'").replace(/"/g, '""')}"`;
  const side = (change, other) => change.words.filter(([each]) => each !== other).map(([, text]) => text).join("");
  const lines = found.changes.map((change) => [say(`kind_${change.kind}`), change.section.join(" > "), change.page, change.kind === "added" ? "" : side(change, "+"), change.kind === "removed" ? "" : side(change, "-")]);
  const head = [say("kind"), say("section"), say("page"), say("before"), say("after")];
  const text = [head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n");
  const link = h("a", { download: `${found.new.document_id.split("/").at(-1)}.csv` });
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.click();
  URL.revokeObjectURL(link.href);
}

export function start() {
  const go = () => $("#new").value && (location.hash = `compare/${encodeURIComponent($("#old").value)}/${encodeURIComponent($("#new").value)}`);
  $("#old").addEventListener("change", go);
  $("#new").addEventListener("change", () => (($("#old").value = ""), go()));
  $("#csv").addEventListener("click", table);
  document.addEventListener("documents", offer);
}
