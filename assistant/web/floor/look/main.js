// The page: where it is stands in its address (machine, code, section, call), so that "back" works and links open it.
import { $, all, clock, day, h, icon, language, moment, say, speak, translate } from "./base.js";
import { alarmsWith, codesLike } from "./codes.js";
import * as keep from "./keep.js";
import { alarmView, listen, sectionView, startView } from "./result.js";

const WIDE = matchMedia("(min-width: 900px)");
const RECENT = 4;

let machines = [];
let pack = null; // of the chosen machine
let stored = null; // since when this device has it
let tab = "code";
let found = null; // the last answer to words
let said = ""; // a line above the keypad: what was just done
let insecure = false;

const where = () => Object.fromEntries(new URLSearchParams(location.search));

function go(to, replace = false) {
  const address = `floor?${new URLSearchParams(to)}`;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  return show();
}

const alarmOf = (code) => pack?.alarms.find((alarm) => alarm.code === code);

// --- from the address to what is shown ---

async function show() {
  const { machine = keep.read("machine", ""), code, section, call, sent, pick } = where();
  if (!machine || pick) return showMachines(pick ? "" : "first");
  if (pack?.machine !== machine || pack?.asked !== language()) {
    const answer = await keep.pack(machine, language());
    pack = answer.pack ? { ...answer.pack, asked: language() } : null;
    stored = answer.stored ?? null;
    found = null;
    if (!pack && !answer.away) return showMachines("unknown_machine");
    if (pack) keep.write("machine", machine);
  }
  showNet();
  if (!pack) return view("away", []);
  const alarm = alarmOf(code);
  head();
  if (sent) return view("sent", sentView(sent), [button("to_codes", () => go({ machine }), "main")]);
  if (call) return view("call", callView(alarm, section), callButtons(alarm, section));
  if (alarm) {
    remember(alarm.code);
    $("#typed").value = alarm.code;
    keypad();
    return view("result", alarmView(pack, alarm), resultButtons({ machine, code }));
  }
  if (section && pack.sections[section]) {
    return view("result", sectionView(pack, section), resultButtons({ machine, section }));
  }
  keypad();
  view("find", WIDE.matches ? startView(pack) : []);
}

function view(name, inside, buttons = []) {
  document.body.dataset.view = name;
  $("#back").hidden = name === "find" || name === "machine" || name === "away";
  $("#result").replaceChildren(...inside.flat(9).filter(Boolean));
  $("#foot").replaceChildren(...buttons);
  $("#foot").hidden = !buttons.length;
  $("#result").scrollTop = 0;
  if (name !== "find" && name !== "machine") $("#result").focus({ preventScroll: true });
  document.title = [where().code, pack?.name, say("title")].filter(Boolean).join(" · ");
}

function head() {
  const [name, since] = all("b, small", $("#machine"));
  name.textContent = pack ? pack.name : say("machines");
  since.replaceChildren();
  $("#machine").removeAttribute("aria-label");
  if (!pack) return;
  const parts = [pack.model.replaceAll("-", "\u2011"), say("revision", { version: pack.version }), say("from", { date: pack.since })];
  since.append(...parts.map((part) => h("span", {}, part)), h("span", { class: "change" }, say("change")));
  $("#machine").setAttribute("aria-label", `${[pack.name, ...parts].join(", ")}. ${say("change_machine")}`);
}

function button(key, onclick, kind = "") {
  return h("button", { type: "button", class: `btn big ${kind}`, onclick }, say(key));
}

// --- which machine ---

async function showMachines(why) {
  pack = null;
  head();
  const answer = await keep.machines(language());
  machines = answer.value ?? machines;
  showNet();
  view("machine", [
    h("h1", {}, say("which")),
    why === "unknown_machine" && h("p", { class: "said", role: "alert" }, say(why)),
    h("p", {}, machines.length ? say("which_hint") : say("no_machines")),
    h(
      "div",
      { class: "machines" },
      machines.map((one) =>
        h(
          "a",
          {
            href: `floor?machine=${encodeURIComponent(one.machine)}`,
            onclick: (event) => {
              event.preventDefault();
              go({ machine: one.machine });
            },
          },
          h("span", {}, one.name, h("small", {}, [one.model, one.version].filter(Boolean).join(" · "))),
          icon("next"),
        ),
      ),
    ),
    insecure && h("p", { class: "said" }, say("insecure")),
  ]);
}

// --- codes ---

function remember(code) {
  const name = `recent-${pack.machine}`;
  keep.write(name, [code, ...keep.read(name, []).filter((one) => one !== code)].slice(0, RECENT));
}

function line(key, title, why, onclick) {
  return h(
    "button",
    { type: "button", class: "hit", onclick },
    h("b", {}, key),
    h("span", {}, title, why && h("small", {}, why)),
    icon("next"),
  );
}

const alarmLine = (alarm, why) =>
  line(alarm.code, alarm.meaning, why, () => go({ machine: pack.machine, code: alarm.code }));

function keypad() {
  const typed = $("#typed").value;
  const hits = typed ? codesLike(typed, pack.alarms.map((alarm) => alarm.code)).map(alarmOf) : [];
  const recent = keep.read(`recent-${pack.machine}`, []).map(alarmOf).filter(Boolean);
  $("#hits").textContent = typed ? say("hits", { count: hits.length }) : say("code_hint");
  $("#suggested").replaceChildren(
    ...[
      said && h("p", { class: "said", role: "status" }, said),
      !typed && recent.length > 0 && h("h2", {}, say("recent")),
      ...(typed ? hits : recent).map((alarm) => alarmLine(alarm)),
      typed && !hits.length && h("p", {}, say("no_code", { count: pack.alarms.length })),
    ].filter(Boolean),
  );
  $("#groups").replaceChildren(
    ...pack.groups.map((group) =>
      h(
        "button",
        {
          type: "button",
          class: "g",
          "aria-pressed": String(typed.toUpperCase().startsWith(group.letters)),
          "data-group": group.letters,
        },
        group.letters,
        h("small", {}, group.name),
      ),
    ),
  );
}

function press(key) {
  const box = $("#typed");
  if (key === "clear") box.value = "";
  else if (key === "erase") box.value = box.value.slice(0, -1);
  else box.value = (box.value + key).slice(0, box.maxLength);
  typedOn();
}

function typedOn() {
  said = "";
  keypad();
  if (WIDE.matches && where().code) go({ machine: pack.machine });
}

// --- words ---

async function lookForWords() {
  const query = $("#symptom").value.trim();
  if (!query) return $("#symptom").focus();
  $("#nearest-said").textContent = say("searching");
  $("#nearest-list").replaceChildren();
  const asked = pack.machine;
  const answer = await keep.words(asked, language(), query);
  if (pack?.machine !== asked) return;
  if (answer.value) found = { query, list: answer.value.found };
  else if (answer.away) found = { query, held: true, list: alarmsWith(query, pack.alarms).map(asSuggestion) };
  else found = { query, failed: true, list: [] };
  nearest();
}

const asSuggestion = (alarm) => ({ kind: "alarm", key: alarm.code, title: alarm.meaning, sure: true });

function nearest() {
  const count = found?.list.length ?? 0;
  const key = !found ? "" : found.failed ? "failed" : found.held ? "held_words" : !count ? "nothing"
    : found.list.some((one) => one.sure) ? "nearest" : "unsure";
  $("#nearest-said").textContent = key ? say(key, { count }) : "";
  $("#nearest-list").replaceChildren(
    ...(found?.list ?? []).map((one) =>
      one.kind === "alarm"
        ? alarmLine(alarmOf(one.key), one.why)
        : line(/^[\d.]+$/.test(one.key) ? one.key : "", one.title.replace(/^[\d.]+\s+/, ""), "", () =>
            go({ machine: pack.machine, section: one.key }),
          ),
    ),
  );
}

function choose(name) {
  tab = name;
  for (const one of ["code", "words"]) {
    $(`#tab-${one}`).setAttribute("aria-selected", String(one === tab));
    $(`#tab-${one}`).tabIndex = one === tab ? 0 : -1;
    $(`#by-${one}`).hidden = one !== tab;
  }
  if (pack && (where().code || where().section) && !WIDE.matches) go({ machine: pack.machine });
}

// --- was this it? ---

const lookedUp = ({ code, section }) => code ?? (section ? pack.sections[section].heading : (found?.query ?? ""));

function resultButtons(to) {
  return [
    button("solved", () => solved(to)),
    button("call", () => go({ ...to, call: "1" }), "main"),
  ];
}

async function tell(kind, to, more = {}) {
  const query = [lookedUp(to), found && tab === "words" && to.code ? found.query : ""].filter(Boolean).join(" · ");
  return keep.send({ machine: pack.machine, language: language(), kind, query: query.slice(0, 200), ...more });
}

async function solved(to) {
  said = say("solved_said", { code: lookedUp(to) });
  tell("solved", to).then(showNet);
  $("#typed").value = "";
  choose("code");
  await go({ machine: pack.machine });
}

const REASONS = ["again", "part", "danger", "other"];
let draft = { reason: "again", note: "", at: new Date() };

function callView(alarm, section) {
  draft = { reason: "again", note: "", at: new Date() };
  const about = alarm ? `${alarm.code} ${alarm.meaning}` : lookedUp({ section });
  return [
    h("h1", {}, say("call")),
    h(
      "dl",
      { class: "pre" },
      h("dt", {}, say("call_machine")),
      h("dd", {}, `${pack.name} ${pack.model}`.trim()),
      about && [h("dt", {}, say("call_about")), h("dd", {}, about)],
      h("dt", {}, say("call_time")),
      h("dd", {}, `${day(draft.at)} ${clock(draft.at)}`),
    ),
    h("h2", { id: "what" }, say("call_what")),
    h(
      "div",
      { class: "opts", role: "group", "aria-labelledby": "what" },
      REASONS.map((reason) =>
        h(
          "button",
          { type: "button", "data-reason": reason, "aria-pressed": String(reason === draft.reason), onclick: reasonChosen },
          say(`reason_${reason}`),
        ),
      ),
    ),
    h(
      "label",
      { class: "field" },
      h("span", {}, say("note")),
      h("textarea", { class: "input", rows: "2", maxlength: "1000", oninput: (event) => (draft.note = event.target.value) }),
    ),
  ];
}

function reasonChosen(event) {
  draft.reason = event.currentTarget.dataset.reason;
  for (const one of all(".opts button")) one.setAttribute("aria-pressed", String(one.dataset.reason === draft.reason));
}

function callButtons(alarm, section) {
  const to = { machine: pack.machine, ...(alarm ? { code: alarm.code } : section ? { section } : {}) };
  const send = button(
    "send",
    async () => {
      send.disabled = true;
      const how = await tell("call", to, { reason: draft.reason, note: draft.note });
      showNet();
      go({ ...to, sent: how }, true);
    },
    "main",
  );
  return [button("cancel", () => go(to, true)), send];
}

function sentView(how) {
  const key = ["sent", "kept", "refused"].includes(how) ? how : "refused";
  if (key === "refused") return [h("h1", {}, say("call")), h("p", { class: "said", role: "alert" }, say("refused"))];
  return [h("h1", {}, say(key, { time: clock(new Date()) })), h("p", { class: "large" }, say(`${key}_hint`))];
}

// --- the server is away ---

function showNet() {
  const since = keep.away();
  const notes = keep.waiting().length;
  const net = $("#net");
  net.hidden = since === null;
  if (since === null) return;
  net.replaceChildren(
    h("b", {}, say("away", { time: clock(since) })),
    pack && h("span", {}, say("away_held", { count: pack.alarms.length, version: pack.version, time: moment(stored) })),
    !pack && where().machine && h("span", {}, say("away_empty")),
    notes > 0 && h("span", {}, say("away_notes", { count: notes })),
  );
}

// --- listening ---

function start() {
  translate();
  listen();
  choose("code");
  addEventListener("popstate", show);
  WIDE.addEventListener("change", show);
  $("#back").addEventListener("click", () => go({ machine: pack?.machine ?? "" }));
  $("#machine").addEventListener("click", () => go({ pick: "1" }));
  $("#language").addEventListener("click", async () => {
    speak(language() === "ko" ? "en" : "ko");
    await show();
    nearest();
  });
  for (const one of ["code", "words"]) $(`#tab-${one}`).addEventListener("click", () => choose(one));
  $(".tabs").addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    choose(tab === "code" ? "words" : "code");
    $(`#tab-${tab}`).focus();
  });
  $("#digits").addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.key;
    if (key) press(key);
  });
  $("#groups").addEventListener("click", (event) => {
    const letters = event.target.closest("button")?.dataset.group;
    if (!letters) return;
    $("#typed").value = letters;
    typedOn();
  });
  $("#typed").addEventListener("input", typedOn);
  $("#typed").addEventListener("keydown", (event) => {
    if (event.key === "Enter") $("#suggested .hit")?.click();
  });
  $("#ask").addEventListener("submit", (event) => {
    event.preventDefault();
    lookForWords();
  });
  $("#none").addEventListener("click", () => go({ machine: pack.machine, call: "1" }));
  keep.onChange(showNet);
  keep.watch();
  keep.sendWaiting();
}

start();
insecure = !isSecureContext || !(await keep.startWorker());
await show();
