// The page's parts, the way between them, and what the server is doing.
import { $, ME, Refused, alarm, all, announce, ask, clock, h, say } from "./base.js";
import * as dialogs from "./dialogs.js";
import * as documents from "./documents.js";
import * as glossary from "./glossary.js";
import * as questions from "./questions.js";
import * as upload from "./upload.js";

const VIEWS = ["documents", "add", ...(ME.staff ? ["glossary", "questions", "notes"] : [])];
const BUSY_MS = 1200;
const IDLE_MS = 15000;
const ended = new Set();
let timer = 0;
let first = true;

function show() {
  const [name] = location.hash.slice(1).split("/");
  const view = VIEWS.includes(name) ? name : "documents";
  document.body.dataset.view = view;
  for (const section of all("main[data-view]")) section.hidden = section.dataset.view !== view;
  for (const link of all(".sub a[data-view]")) link.toggleAttribute("aria-current", link.dataset.view === view);
  for (const link of all(".sub a[aria-current]")) {
    link.setAttribute("aria-current", "page");
    link.scrollIntoView({ block: "nearest", inline: "center" });
  }
  document.title = `${say(`tab_${view}`)} · ${say("title")}`;
  if (view === "glossary") glossary.show();
  if (view === "questions") questions.showQuestions();
  if (view === "notes") questions.showNotes();
  if (!first) scrollTo(0, 0);
  first = false;
}

// --- what the server is doing -------------------------------------------------------------------------------------

function lock(state, running) {
  const line = $("#lock");
  const writer = state.writer;
  line.hidden = !writer && !running.length;
  if (line.hidden) return;
  const progress = state.progress;
  const who = say(["ingest", "watch", "page", "withdraw"].includes(writer?.who) ? `writer_${writer.who}` : "writer_other");
  const parts = [writer ? say("index_used", { who, since: clock(new Date(writer.since * 1000)) }) : say("index_soon")];
  if (progress) parts.push(say(`progress_${progress.stage}`, { done: progress.done, total: progress.total }));
  const waiting = running.filter((job) => job.state === "waiting").length;
  if (waiting) parts.push(say("waiting_behind", { count: waiting }));
  line.replaceChildren(h("b", {}, say("index_busy")), h("span", {}, parts.join(" ")));
}

function told(jobs) {
  const over = jobs.filter((job) => ["done", "failed"].includes(job.state) && !ended.has(job.id));
  for (const job of over) ended.add(job.id);
  return over;
}

async function look() {
  clearTimeout(timer);
  let busy = false;
  try {
    const state = await ask("state");
    const running = state.jobs.filter((job) => ["waiting", "running"].includes(job.state));
    lock(state, running);
    $("#tab-add i").textContent = state.uploads.length || "";
    if (ME.staff) {
      $("#tab-notes i").textContent = state.open.notes || "";
      $("#tab-report").hidden = !state.open.report;
    }
    upload.fill(state.uploads);
    report(state.jobs, running);
    busy = running.length || state.writer || state.uploads.some((each) => each.state === "reading");
    alarm($("#away"), "");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alarm($("#away"), error.message);
  }
  timer = setTimeout(look, busy ? BUSY_MS : IDLE_MS);
}

let known = null;
function report(jobs, running) {
  const over = told(jobs);
  if (known === null) {  // what ended before this page was opened is no news
    known = true;
    return;
  }
  if (over.length) {
    $("#jobs").replaceChildren(...over.map((job) => h("p", { class: `box ${job.state === "done" ? "yes" : "no"} small job`, role: job.state === "done" ? "status" : "alert" },
      dialogs.outcome(job), h("button", { type: "button", class: "btn bare dense", "aria-label": say("close"), onclick: (event) => event.target.closest("p").remove() }, "✕"))));
    announce(over.map(dialogs.outcome).join(" "));
    documents.load();
  }
  document.body.dataset.running = running.length;
}

all(".lang button").forEach((button) => button.addEventListener("click", () => {
  document.cookie = `assistant-language=${button.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
  history.replaceState(null, "", location.pathname + location.hash);
  location.reload();
}));
addEventListener("hashchange", show);
document.addEventListener("asked", () => look());
document.addEventListener("replace", (event) => (upload.replacing(event.detail), (location.hash = "add")));
dialogs.start();
documents.start();
upload.start();
glossary.start();
show();
look();
