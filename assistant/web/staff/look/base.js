// Texts, elements, requests. Everything that is shown becomes a text node: nothing from a document is ever read as HTML.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const TEXTS = read("texts");
export const ME = read("me");

export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function say(key, values = {}) {
  const text = TEXTS[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
/** What a collection is called. */
export const called = (collection) => ME.collections[collection] ?? collection;
export const knows = (key) => TEXTS[key] !== undefined;

export function h(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.flat(3).filter((each) => each !== undefined && each !== null && each !== false && each !== ""));
  return element;
}

const SHAPES = {
  ok: ["m4 12 5 6L20 6"],
  half: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18", "M12 7v6m0 4v.5"],
  x: ["M5 5l14 14M19 5 5 19"],
  dots: ["M12 3a9 9 0 1 1-9 9"],
  out: ["M4 12h16"],
};
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

const KINDS = {
  failed: ["no", "x"], part: ["maybe", "half"], current: ["yes", "ok"], coming: ["note", "dots"],
  superseded: ["maybe", "half"], withdrawn: ["", "out"], ready: ["note", "dots"], reading: ["", "dots"],
  sending: ["", "dots"], waiting: ["", "dots"], running: ["note", "dots"], done: ["yes", "ok"],
};
export const tag = (state, text = say(`state_${state}`)) => h("span", { class: `tag ${KINDS[state][0]}` }, icon(KINDS[state][1]), text);

// What the server says: its answer, or an error with the words for it.
export class Refused extends Error {}
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`staff/${path}`, {
      ...options,
      headers: { "x-form": ME.mark, ...(options.body ? { "content-type": "application/json" } : {}) },
    });
  } catch {
    throw new Refused(say("error_away"));
  }
  if (answer.ok) return answer.json();
  if (path === "state" && answer.status === 404) throw new Refused(say("error_form"));  // signed out meanwhile
  throw new Refused(words(answer.status, await answer.json().catch(() => ({}))));
}
export const send = (path, value, method = "POST") => ask(path, { method, body: JSON.stringify(value) });

export function words(status, said = {}) {
  if (status === 403 || said.detail === "form") return say("error_form");
  if (said.detail && knows(said.detail)) return [say(said.detail), said.reason, said.hint].filter(Boolean).join(" ");
  if (said.reason) return `${said.reason} ${said.hint ?? ""}`.trim();
  return status === 404 ? say("error_gone") : say("error_other");
}

let timer = 0;
export function announce(text) {
  clearTimeout(timer);
  $("#said").textContent = "";
  timer = setTimeout(() => ($("#said").textContent = text), 50);
}
export function alarm(where, text) {
  where.replaceChildren(...(text ? [h("p", { class: "box no small said", role: "alert" }, text)] : []));
}

const two = (number) => String(number).padStart(2, "0");
export const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
export const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
export const moment = (text) => ((date) => (day(date) === day(new Date()) ? clock(date) : day(date)))(new Date(text));

// Who sees what has these labels, in words where there are some.
export function audience(labels) {
  if (labels.includes("public")) return say("who_public");
  const known = labels.filter((label) => label !== "staff");
  if (!labels.length) return "";
  return (known.length ? known : ["staff"]).map((label) => (knows(`who_${label}`) ? say(`who_${label}`) : label)).join(", ");
}
export const changed = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));
