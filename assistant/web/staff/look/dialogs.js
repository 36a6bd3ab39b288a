// Every change that takes something away says first what will happen; the safe button comes first.
import { $, ME, alarm, announce, ask, audience, changed, h, knows, moment, say, send } from "./base.js";

const box = () => $("#dialog");
let opener = null;

function open(title, body, buttons, alert = false) {
  const dialog = box();
  opener = document.activeElement;
  dialog.setAttribute("role", alert ? "alertdialog" : "dialog");
  dialog.replaceChildren(h("form", { method: "dialog", class: "dlg" }, h("h1", { id: "dialog-title" }, title), body,
    h("div", { id: "dialog-said" }), h("div", { class: "go" }, buttons)));
  dialog.showModal();
  $(".safe", dialog)?.focus();
}
const safe = (key) => h("button", { type: "submit", class: "btn safe", value: "" }, say(key));
const named = (row) => h("p", {}, h("b", {}, row.title));

async function about(row) {
  try {
    return await ask(`about?key=${encodeURIComponent(row.key)}`);
  } catch {
    return { answers: 0, history: [] };
  }
}

// Ask the server for a change; it stands in the line behind whoever writes the index.
async function change(button, row, action, more = {}) {
  button.disabled = true;
  try {
    await send("changes", { action, key: row.key, ...more });
    box().close();
    announce(say("in_line", { what: say(`job_${action}`), title: row.title }));
    changed("asked");
  } catch (error) {
    button.disabled = false;
    alarm($("#dialog-said"), error.message);
  }
}

async function confirm(row, action, effects, withReason) {
  const { answers } = await about(row);
  const reason = h("input", { class: "input", maxlength: "500", id: "reason", autocomplete: "off" });
  const lines = [...effects, answers ? say("effect_answers", { count: answers }) : say("effect_no_answers")];
  const button = h("button", { type: "button", class: `btn ${action === "restore" ? "main" : "stop"}`, id: "sure",
    onclick: () => change(button, row, action, { reason: reason.value }) }, say(`sure_${action}`));
  open(say(`ask_${action}`), [named(row), h("ul", {}, lines.map((each) => h("li", {}, each))),
    withReason && h("label", { class: "field" }, h("span", {}, say("reason")), reason)],
    [safe("keep"), button], action !== "restore");
}

export const withdrawDocument = (row) => confirm(row, "withdraw", [say("effect_no_more"), say("effect_stays_listed")], true);
export const deleteDocument = (row) => confirm(row, "delete", [say("effect_file_gone"), say("effect_no_way_back")], true);
export const restoreDocument = (row) => confirm(row, "restore", [say("effect_again", { who: audience(row.labels) })], false);

// --- who may see it -----------------------------------------------------------------------------------------------

export function relabelDocument(row) {
  const now = audience(row.labels);
  const company = h("input", { class: "input", id: "company", placeholder: say("company_example"), "aria-label": say("company_name"), autocomplete: "off", autocapitalize: "none", hidden: true });
  const radio = (value) => h("label", {}, h("input", { type: "radio", name: "who", value, checked: value !== "company:" && audience(ME.audiences[value]) === now }),
    h("span", {}, say(value === "company:" ? "who_company" : `choose_${value}`)), h("span", { class: "label" }, value === "company:" ? "company:…" : value));
  const reason = h("input", { class: "input", maxlength: "500", autocomplete: "off" });
  const said = h("p", { class: "small soft", id: "effect" }, say("relabel_now", { who: now }));
  const button = h("button", { type: "button", class: "btn main", id: "sure", onclick: () => {
    const chosen = $("input[name=who]:checked")?.value ?? "";
    change(button, row, "relabel", { audience: chosen === "company:" ? `company:${company.value.trim()}` : chosen, reason: reason.value });
  } }, say("sure_relabel"));
  const who = h("fieldset", { class: "who", onchange: () => {
    const chosen = $("input[name=who]:checked").value;
    company.hidden = chosen !== "company:";
    said.textContent = `${say("relabel_now", { who: now })} ${say(`relabel_${chosen === "company:" ? "company" : chosen}`)}`;
  } }, h("legend", { class: "unseen" }, say("ask_relabel")), [...Object.keys(ME.audiences), "company:"].map(radio), company);
  open(say("ask_relabel"), [named(row), who, said, h("p", { class: "small soft" }, say("effect_old_answers")),
    h("label", { class: "field" }, h("span", {}, say("reason")), reason)], [safe("cancel"), button]);
}

export async function showHistory(row) {
  const { history } = await about(row);
  const lines = history.map((each) => h("li", {}, h("b", {}, moment(each.at)), " ", say(`job_${each.action}`),
    each.who && ` · ${each.who}`, each.reason && h("span", { class: "soft" }, ` · ${each.reason}`)));
  open(say("do_history"), [named(row), history.length ? h("ul", { class: "past" }, lines) : h("p", { class: "soft" }, say("no_history"))], [safe("close")]);
}

// What a change that ended says: done, or why not.
export function outcome(job) {
  if (job.state === "done") return say("job_done", { what: say(`job_${job.kind}`), title: job.title });
  const why = job.key && knows(job.key) ? say(job.key) : `${job.reason} ${job.hint}`.trim();
  return say("job_failed", { what: say(`job_${job.kind}`), title: job.title, why });
}

export function start() {
  box().addEventListener("close", () => opener?.isConnected && opener.focus());
}
