// What is read at the machine: warnings first, the remedy, values, procedures to tick, the page of the manual.
import { $, all, h, icon, say } from "./base.js";
import { pageAddress } from "./keep.js";

const WIDE = matchMedia("(min-width: 1180px)");
const SIGNS = { danger: "D", warning: "W", caution: "C" };
// how much of a page around the cited lines is shown, in its points
const AROUND = 26;
// pixels for a point that make print legible, and the height of what is shown
const LEGIBLE = 1.2;
const TALLEST = 220;

export function alarmView(pack, alarm) {
  const named = alarm.sections.filter((key) => pack.sections[key]);
  const [cause, ...others] = alarm.facts;
  const open = named[0];
  return [
    h("div", { class: "head1" }, h("p", { class: "code" }, h("b", {}, alarm.code)), h("h1", {}, alarm.meaning)),
    [cause, ...others].filter(Boolean).map(([name, text]) => h("p", { class: "cause" }, h("span", {}, name), text)),
    warnings(alarm.warnings),
    alarm.remedy[1] && h("p", { class: "do" }, h("small", {}, alarm.remedy[0]), alarm.remedy[1]),
    h(
      "div",
      { class: "cols" },
      h("div", { class: "c-vals" }, values(pack, alarm)),
      h(
        "div",
        { class: "c-steps" },
        alarm.first.map((key) => folded(pack.sections[key], say("first"))),
        open && procedure(pack.sections[open], true, named.length > 1), // who reads it has looked the code up
        named.slice(1).map((key) => folded(pack.sections[key])),
        further(pack, alarm.further),
      ),
      h(
        "div",
        { class: "c-page" },
        pictures(pack, [
          { places: [alarm.row], title: alarm.code },
          ...(named.length > 1 ? [{ places: pack.sections[open].items, title: pack.sections[open].heading }] : []),
        ]),
      ),
    ),
    source(pack),
  ];
}

export function sectionView(pack, key) {
  const section = pack.sections[key];
  const found = section.items.filter((item) => item.kind === "warning");
  return [
    h("h1", {}, section.heading),
    h("p", { class: "cause" }, section.chapter),
    warnings([...found].sort((one, other) => "dwc".indexOf(one.rank[0]) - "dwc".indexOf(other.rank[0]))),
    h(
      "div",
      { class: "cols" },
      h("div", { class: "c-steps" }, procedure(section, false), further(pack, section.further.filter((one) => one !== key))),
      h("div", { class: "c-page" }, pictures(pack, [{ places: section.items, title: section.heading }])),
    ),
    source(pack),
  ];
}

export function startView(pack) {
  const seen = new Map(pack.alarms.flatMap((alarm) => alarm.values).map((value) => [value.start, value]));
  return [
    h("h1", {}, say("start")),
    h("p", { class: "cause" }, say("start_hint")),
    h("ul", { class: "vals many" }, [...seen.values()].map(valueTile)),
    source(pack),
  ];
}

function warnings(list) {
  const ranks = Object.keys(SIGNS).filter((rank) => list.some((warning) => warning.rank === rank));
  return ranks.map((rank) => {
    const own = list.filter((warning) => warning.rank === rank);
    return h(
      "div",
      { class: `sig ${SIGNS[rank]}`, role: "note" },
      h("b", {}, own[0].sign),
      h("div", {}, own.map((warning) => h("p", {}, warning.text, warning.section && h("small", {}, warning.section)))),
    );
  });
}

function procedure(section, titled = true, introduced = true) {
  const rows = [];
  const list = h("ol", { class: "steps" });
  let body = list;
  for (const item of section.items) {
    if (item.kind === "step") {
      list.append(
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "step", "aria-pressed": "false" },
            h("span", { class: "n" }, item.sign),
            h("span", { class: "t" }, item.text),
            h("span", { class: "tick" }, icon("ok")),
          ),
        ),
      );
    } else if (item.kind === "warning") {
      // one before the first step stands on top already; between steps it guards the next one
      if (list.childElementCount) {
        list.append(h("li", { class: `guard ${SIGNS[item.rank]}` }, h("b", {}, item.sign), h("span", {}, item.text)));
      }
    } else if (item.kind === "row") rows.push(item);
    else if (list.childElementCount) list.append(h("li", { class: "aside" }, item.text));
    else if (introduced) body = [h("p", { class: "intro" }, item.text), ...[body].flat()];
  }
  const steps = all(".step", list).length;
  return [
    titled && h("h2", {}, section.heading, steps > 0 && h("span", {}, ` ${say("steps_hint")}`)),
    body,
    rows.length > 0 && table(rows),
  ];
}

function table(rows) {
  return h(
    "table",
    { class: "table" },
    h("thead", {}, h("tr", {}, rows[0].cells.map(([name]) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.cells.map(([, text]) => h("td", {}, text))))),
  );
}

function folded(section, tag) {
  if (!section) return null;
  const steps = section.items.filter((item) => item.kind === "step").length;
  return h(
    "details",
    { class: tag ? "fold must" : "fold" },
    h(
      "summary",
      {},
      h("span", {}, tag && h("small", {}, tag), section.heading),
      steps > 0 && h("em", {}, say("steps_count", { count: steps })),
    ),
    h("div", {}, warnings(section.items.filter((item) => item.kind === "warning")), procedure(section, false)),
  );
}

function further(pack, keys) {
  const known = keys.filter((key) => pack.sections[key]);
  return known.length > 0 && [h("h2", {}, say("further")), known.map((key) => folded(pack.sections[key]))];
}

function valueTile(value) {
  return h(
    "li",
    {},
    value.name,
    h("b", {}, value.value),
    value.rest.map(([name, text]) => h("span", {}, `${name} ${text}`)),
  );
}

function values(pack, alarm) {
  const old = [...alarm.values.flatMap((value) => value.before.map(([name, text]) => [`${value.name}, ${name}`, text])),
    ...alarm.changes];
  return [
    alarm.values.length > 0 && [
      h("h2", {}, say("values")),
      h("ul", { class: "vals" }, alarm.values.map(valueTile)),
    ],
    old.length > 0 &&
      h(
        "details",
        { class: "rev fold", open: WIDE.matches },
        h("summary", {}, h("span", {}, say("before", { version: pack.before.version }))),
        h("p", {}, say("before_until", { date: pack.before.since, version: pack.before.version })),
        h("ul", {}, old.map(([name, text]) => h("li", {}, `${name}: ${text}`))),
      ),
  ];
}

function source(pack) {
  const parts = [pack.title, pack.sample && say("sample"), say("from", { date: pack.since })];
  return h("p", { class: "src" }, parts.filter(Boolean).join(" · "));
}

// --- pages of the manual ---

function pictures(pack, wanted) {
  const shown = wanted
    .map(({ places, title }) => {
      const page = places.find((place) => place.page)?.page;
      return { page, title, boxes: places.flatMap((place) => place.boxes).filter((box) => box[0] === page) };
    })
    .filter((each) => each.page);
  return (
    shown.length > 0 && [
      h("h2", {}, say("manual")),
      shown.map((each) =>
        h(
          "button",
          {
            type: "button",
            class: "crop",
            "aria-label": `${each.title}: ${say("enlarge_page", { page: each.page })}`,
            onclick: () => enlarge(pack, each),
          },
          h("span", { class: "view" }, leaf(pack, each, true)),
          h("em", {}, h("span", {}, `${say("page", { page: each.page })} · ${each.title}`), say("enlarge")),
        ),
      ),
    ]
  );
}

function leaf(pack, { page, boxes }, cropped) {
  const image = h("img", { alt: "", src: pageAddress(pack, page) });
  const sheet = h("span", { class: "leaf" }, image);
  image.addEventListener("load", () => {
    const width = image.naturalWidth / 2;
    const height = image.naturalHeight / 2;
    const edges = [1, 2, 3, 4].map((side) => boxes.map((box) => box[side]));
    for (const [, left, top, right, bottom] of boxes) {
      const mark = h("i");
      mark.style.left = `${(left / width) * 100}%`;
      mark.style.top = `${(top / height) * 100}%`;
      mark.style.width = `${((right - left) / width) * 100}%`;
      mark.style.height = `${((bottom - top) / height) * 100}%`;
      sheet.append(mark);
    }
    if (!cropped || !boxes.length) return;
    // as wide as the lines that are cited, from a little above them
    const left = Math.max(0, Math.min(...edges[0]) - AROUND);
    const right = Math.min(width, Math.max(...edges[2]) + AROUND);
    const top = Math.max(0, Math.min(...edges[1]) - AROUND);
    const bottom = Math.min(height, Math.max(...edges[3]) + AROUND);
    const view = sheet.parentElement;
    const place = () => {
      const scale = Math.max(view.clientWidth / (right - left), LEGIBLE);
      sheet.style.width = `${width * scale}px`;
      sheet.style.left = `${-left * scale}px`;
      sheet.style.top = `${-top * scale}px`;
      view.style.height = `${Math.min((bottom - top) * scale, TALLEST)}px`;
    };
    new ResizeObserver(place).observe(view);
  });
  image.addEventListener("error", () => sheet.replaceChildren(h("span", { class: "gone" }, say("no_image"))));
  return sheet;
}

let zoom = 1;

function enlarge(pack, wanted) {
  const sheet = $("#full .sheet");
  zoom = 1;
  sheet.style.setProperty("--zoom", zoom);
  const shown = leaf(pack, wanted, false);
  sheet.replaceChildren(shown);
  $("#full").showModal();
  $("img", shown)?.addEventListener("load", () => {
    const mark = $("i", shown);
    if (mark) sheet.scrollTo(0, Math.max(0, mark.offsetTop - sheet.clientHeight / 3));
  });
}

export function listen() {
  $("#shut").addEventListener("click", () => $("#full").close());
  for (const button of all("[data-zoom]")) {
    button.addEventListener("click", () => {
      zoom = Math.min(3, Math.max(0.5, zoom + 0.5 * Number(button.dataset.zoom)));
      $("#full .sheet").style.setProperty("--zoom", zoom);
    });
  }
  $("#result").addEventListener("click", (event) => {
    const step = event.target.closest(".step");
    if (step) step.setAttribute("aria-pressed", step.getAttribute("aria-pressed") !== "true");
  });
}

