// Texts, language, elements. Everything that is shown becomes a text node: nothing from a document is ever read as HTML.
const TEXTS = JSON.parse(document.getElementById("texts").textContent);

export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const language = () => document.documentElement.lang;

export function say(key, values = {}) {
  const text = TEXTS[language()][key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

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

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", { next: "m9 5 7 7-7 7", ok: "m4 12 5 6L20 6" }[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "ico");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

export function translate() {
  for (const element of all("[data-t]")) element.textContent = say(element.dataset.t);
  for (const element of all("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  $("#tab-code").textContent = say("tab_code");
  $("#tab-words").textContent = say("tab_words");
  $("#language").textContent = say("language");
  $("#language").lang = language() === "ko" ? "en" : "ko";
}

export function speak(chosen) {
  document.documentElement.lang = chosen;
  document.cookie = `assistant-language=${chosen}; path=/; max-age=31536000; samesite=lax`;
  translate();
}

const two = (number) => String(number).padStart(2, "0");
export const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
export const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
export const moment = (date) => (day(date) === day(new Date()) ? clock(date) : `${day(date)} ${clock(date)}`);
