// Files on their way in: sent one after the other, read on the server, looked through here, then added.
import { $, ME, Refused, alarm, all, announce, ask, changed, h, say, tag, words } from "./base.js";
import { documents } from "./documents.js";
import * as preview from "./preview.js";

const AT_A_TIME = 2;
let waiting = [];   // files that are not sent yet, or that were refused: {file, sent, error, request}
let uploads = [];   // what the server has
let drawn = false;
let chosen = "";
let replaced = null;  // the document that the next file takes the place of

// --- sending ------------------------------------------------------------------------------------------------------

function add(files) {
  for (const file of files) {
    const error = file.size > ME.limit ? say("error_large", { size: ME.limit / 2 ** 20 }) : file.size ? "" : say("error_empty");
    waiting.push({ file, sent: 0, error, request: null });
  }
  next();
}

function next() {
  const sending = waiting.filter((each) => each.request);
  for (const item of waiting.filter((each) => !each.request && !each.error).slice(0, AT_A_TIME - sending.length)) transmit(item);
  draw();
}

function transmit(item) {
  const request = new XMLHttpRequest();
  item.request = request;
  request.open("POST", `staff/upload?name=${encodeURIComponent(item.file.name)}`);
  request.setRequestHeader("x-form", ME.mark);
  request.upload.addEventListener("progress", (event) => {
    item.sent = event.total ? event.loaded / event.total : 0;
    draw();
  });
  request.addEventListener("loadend", () => {
    item.request = null;
    if (request.status === 201) {
      waiting = waiting.filter((each) => each !== item);
      const made = JSON.parse(request.responseText);
      if (!chosen) chosen = made.id;
      if (replaced) preview.takesPlaceOf(made.id, replaced.key);
      replacing(null);
      changed("asked");
    } else if (waiting.includes(item)) {
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { /* the connection was cut */ }
      item.error = request.status ? words(request.status, said) : say("error_away");
    }
    next();
  });
  request.send(item.file);
}

// --- the list of files --------------------------------------------------------------------------------------------

export function fill(now) {
  const before = uploads;
  if (drawn && JSON.stringify(now) === JSON.stringify(before)) return;
  uploads = now;
  drawn = true;
  const read = now.filter((each) => each.state !== "reading" && before.find((old) => old.id === each.id)?.state === "reading");
  if (read.length) announce(read.map((each) => `${each.name}: ${say(`state_${each.state}`)}`).join(". "));
  if (!now.some((each) => each.id === chosen)) chosen = (now.find((each) => each.state === "ready") ?? now[0])?.id ?? "";
  draw();
}

function draw() {
  const focused = document.activeElement?.closest?.(".files [data-key]")?.dataset.key;
  $("#files").replaceChildren(...waiting.map(going), ...uploads.map(arrived));
  if (focused) $(`.files [data-key="${CSS.escape(focused)}"] button`)?.focus();
  const file = uploads.find((each) => each.id === chosen);
  preview.show(file?.state === "ready" ? file : null);
  $("#nothing-yet").hidden = Boolean(waiting.length || uploads.length);
}

function going(item) {
  const key = `${item.file.name}-${item.file.size}`;
  const bar = h("progress", { max: "1", value: String(item.sent), "aria-label": say("sent_of", { name: item.file.name }) });
  const drop = h("button", { type: "button", class: "btn bare dense", "aria-label": say("leave_out", { name: item.file.name }), onclick: () => {
    waiting = waiting.filter((each) => each !== item);
    item.request?.abort();
    draw();
  } }, "✕");
  return h("li", { "data-key": key, class: item.error ? "bad" : "" }, h("b", {}, item.file.name), h("span", {}, item.error ? tag("failed", say("not_taken")) : tag("sending"), drop),
    item.error ? h("small", { role: "alert" }, item.error) : bar);
}

function arrived(file) {
  const facts = { reading: () => say("reading_now"), failed: () => "", ready: () => [file.pages && say("pages", { count: file.pages }), file.tables && say("tables", { count: file.tables })].filter(Boolean).join(", ") || say("read_whole") };
  const open = () => ((chosen = file.id), draw(), $("#facts [name=title]")?.focus());
  const name = file.state === "ready" ? h("button", { type: "button", class: "open", "aria-pressed": String(file.id === chosen), onclick: open }, file.name) : h("b", {}, file.name);
  const drop = h("button", { type: "button", class: "btn bare dense", "aria-label": say("leave_out", { name: file.name }), onclick: () => discard(file.id) }, "✕");
  return h("li", { "data-key": file.id, class: `${file.id === chosen && file.state === "ready" ? "here" : ""} ${file.state === "failed" ? "bad" : ""}` },
    name, h("span", {}, tag(file.state, file.state === "ready" ? say("to_check") : undefined), drop),
    h("small", {}, facts[file.state](), file.state === "failed" && h("span", { lang: "en" }, `${file.reason} ${file.hint}`.trim())));
}

export async function discard(id) {
  try {
    await ask(`uploads/${id}`, { method: "DELETE" });
    preview.forget(id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alarm($("#add-said"), error.message);
  }
  changed("asked");
}

// --- a document that takes the place of another, and one that is written here -----------------------------------------

export function replacing(row) {
  replaced = row;
  $("#replaces").hidden = !row;
  if (row) $("#replaces span").textContent = say("choose_new_version", { title: row.title });
}

function write() {
  const title = $("#write-title").value.trim();
  const text = $("#write-text").value.trim();
  alarm($("#write-said"), title && text ? "" : say("write_both"));
  if (!title || !text) return;
  const name = `${title.replace(/[\\/:*?"<>|\p{C}]/gu, " ").trim().slice(0, 50) || "document"}.md`;
  add([new File([`# ${title}\n\n${text}\n`], name, { type: "text/markdown" })]);
  $("#write").open = false;
  $("#write-text").value = "";
}

// "Write the missing document": the question becomes the title to begin with.
export function begin(question) {
  location.hash = "add";
  $("#write").open = true;
  $("#write-title").value = question;
  $("#write-text").focus();
}

export function start() {
  const drop = $("#drop");
  const input = $("#choose");
  $("#choose-button").addEventListener("click", () => input.click());
  input.addEventListener("change", () => (add(input.files), (input.value = "")));
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => {
    if (document.body.dataset.view === "add" && event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("dragover", () => drop.classList.add("over"));
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => document.body.dataset.view === "add" && add(event.dataTransfer.files));
  $("#replaces button").addEventListener("click", () => replacing(null));
  $("#write-add").addEventListener("click", write);
  addEventListener("beforeunload", (event) => all("progress").length && event.preventDefault());
  document.addEventListener("documents", () => preview.offer(documents()));
  preview.start();
}
