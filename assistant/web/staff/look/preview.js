// One upload: its page beside what was read of it, and what it is, for somebody to confirm.
import { $, ME, Refused, alarm, announce, ask, audience, changed, h, say, send } from "./base.js";
import { documents } from "./documents.js";

const kept = new Map();      // what was read, by upload
const places = new Map();    // which document an upload takes the place of, where somebody has said so
let file = null;
let seen = null;
let page = 1;
let size = [1, 1];

export const takesPlaceOf = (id, key) => places.set(id, key);
export function forget(id) {
  kept.delete(id);
  places.delete(id);
}

export async function show(now) {
  $("#look").hidden = !now;
  if (!now) return (file = null);
  if (now.id === file?.id) return;
  file = now;
  const mine = now.id;
  if (!kept.has(mine)) {
    try {
      kept.set(mine, await ask(`uploads/${mine}`));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return alarm($("#facts-said"), error.message);
    }
  }
  if (file?.id !== mine) return;
  seen = kept.get(mine);
  text();
  turn(1);
  facts();
}

// --- what was read ------------------------------------------------------------------------------------------------

function text() {
  const found = [];
  let table = null;
  for (const block of seen.blocks) {
    const cells = block.text.split(" | ");
    const whole = { "data-page": block.page, onclick: () => mark(block) };
    if (block.kind === "table_row") {
      if (!table || (!block.header && table.header !== undefined)) found.push((table = { header: block.text, element: h("table", { class: "table" }) }).element);
      table.element.append(h("tr", whole, cells.map((cell) => h(block.header ? "td" : "th", {}, cell))));
      continue;
    }
    table = null;
    found.push(block.kind === "heading" ? h(block.level < 2 ? "h3" : "h4", whole, block.text) : h("p", { ...whole, class: block.kind }, block.text));
  }
  const notes = seen.notes.map((note) => h("p", { class: "box maybe small", lang: "en" }, `${note.where}: ${note.reason}. ${note.hint}`));
  $("#read").replaceChildren(...notes, ...found, ...(seen.cut ? [h("p", { class: "soft small" }, say("goes_on"))] : []));
  $("#read").scrollTop = 0;
  $("#read-facts").textContent = [seen.pages && say("pages", { count: seen.pages }), seen.tables && say("tables", { count: seen.tables })].filter(Boolean).join(", ");
}

async function turn(to, then = () => {}) {
  const pictures = seen.media_type === "application/pdf";
  $("#leaf-pane").hidden = !pictures;
  $("#look").classList.toggle("no-leaf", !pictures);
  if (!pictures) return;
  page = Math.min(Math.max(to, 1), seen.pages || 1);
  $("#page-number").textContent = `${page} / ${seen.pages || 1}`;
  $("#page-back").disabled = page <= 1;
  $("#page-on").disabled = page >= seen.pages;
  const mine = file.id;
  const answer = await fetch(`staff/uploads/${mine}/page?page=${page}`);
  if (file?.id !== mine) return;
  $("#leaf").replaceChildren();
  if (!answer.ok) return $("#leaf").append(h("p", { class: "soft small" }, say("no_picture")));
  size = answer.headers.get("x-page-size").split(" ").map(Number);
  const picture = h("img", { alt: say("page_of", { page, name: file.name }) });
  picture.src = URL.createObjectURL(await answer.blob());
  picture.onload = () => (URL.revokeObjectURL(picture.src), then());
  $("#leaf").replaceChildren(picture);
}

// Shows where on its page a passage stands.
async function mark(block) {
  const draw = () => {
    for (const old of $("#leaf").querySelectorAll("i")) old.remove();
    for (const [on, left, top, right, bottom] of block.boxes.filter((each) => each[0] === page)) {
      const line = h("i", { class: "now" });
      line.style.left = `${(100 * left) / size[0]}%`;
      line.style.top = `${(100 * top) / size[1]}%`;
      line.style.width = `${(100 * (right - left)) / size[0]}%`;
      line.style.height = `${(100 * (bottom - top)) / size[1]}%`;
      line.dataset.page = on;
      $("#leaf").append(line);
    }
    $("#leaf i")?.scrollIntoView({ block: "center" });
  };
  if (!block.page || seen.media_type !== "application/pdf") return;
  if (block.page === page) draw();
  else await turn(block.page, draw);
}

// --- what it is ---------------------------------------------------------------------------------------------------

const form = () => $("#facts");
const field = (name) => form().elements[name];

function facts() {
  const given = seen.facts;
  for (const name of ["title", "version", "effective_date", "collection"]) field(name).value = given[name] || "";
  if (!given.effective_date && given.date) field("effective_date").value = given.date;
  for (const name of ["title", "version", "effective_date"]) {
    const from = seen.stated.includes(name) || (name === "effective_date" && seen.stated.includes("date"));
    $(`#from-${name}`).textContent = from ? say("found_inside") : name === "title" ? say("from_name") : say("not_inside");
  }
  field("language").value = given.language || "";
  field("audience").value = ME.staff ? "" : `company:${ME.companies[0].slice(8)}`;
  $("#suggested").textContent = ME.staff && seen.labels.length ? say("file_says", { labels: seen.labels.join(", ") }) : "";
  $("#same").hidden = !seen.same;
  $("#same").textContent = seen.same ? say("same_file", { title: seen.same }) : "";
  offer(documents());
  field("supersedes").value = places.get(file.id) ?? (documents().some((row) => row.key === given.supersedes) ? given.supersedes : "");
  check();
  alarm($("#facts-said"), "");
}

// Documents that it may take the place of: those that say mostly the same first.
export function offer(rows) {
  if (!seen) return;
  const now = field("supersedes").value;
  const can = rows.filter((row) => row.may.includes("replace") && row.status !== "superseded");
  const near = seen.earlier.map((each) => each.key);
  const option = (row) => h("option", { value: row.key }, [row.title, row.version, row.effective_date].filter(Boolean).join(" · "));
  field("supersedes").replaceChildren(h("option", { value: "" }, say("none")),
    ...(near.length ? [h("optgroup", { label: say("mostly_same") }, can.filter((row) => near.includes(row.key)).map(option))] : []),
    h("optgroup", { label: say("all_documents") }, can.filter((row) => !near.includes(row.key)).map(option)));
  field("supersedes").value = now;
  if (file) check();
}

function labels() {
  const chosen = field("audience").value;
  if (chosen === "company:") return field("company").value.trim() ? [`company:${field("company").value.trim()}`, "staff"] : [];
  if (chosen.startsWith("company:")) return [chosen, "staff"];
  return ME.audiences[chosen] ?? [];
}

function check() {
  const other = field("company");
  if (other) other.parentElement.hidden = field("audience").value !== "company:";
  const old = documents().find((row) => row.key === field("supersedes").value);
  const chosen = labels();
  const follows = old && chosen.length ? old.labels.every((label) => chosen.includes(label)) : true;
  $("#follows").textContent = !old ? "" : follows ? say("will_supersede", { title: old.title }) : say("will_not_supersede", { who: audience(old.labels) });
  $("#follows").className = old && !follows ? "box maybe small" : "small";
  const ready = field("title").value.trim() && /^\d{4}(-\d{2}(-\d{2})?)?$/.test(field("effective_date").value.trim()) && chosen.length;
  $("#publish").disabled = !ready;
  $("#missing").textContent = ready ? "" : say("missing");
}

async function publish() {
  const given = Object.fromEntries(["title", "version", "effective_date", "language", "collection", "supersedes"].map((name) => [name, field(name).value.trim()]));
  const button = $("#publish");
  button.disabled = true;
  try {
    await send(`uploads/${file.id}/publish`, { ...given, audience: labels()[0] });
    announce(say("in_line", { what: say("job_publish"), title: given.title }));
    alarm($("#facts-said"), "");
    changed("asked");
  } catch (error) {
    alarm($("#facts-said"), error.message);
    button.disabled = false;
  }
}

export function start() {
  $("#page-back").addEventListener("click", () => turn(page - 1));
  $("#page-on").addEventListener("click", () => turn(page + 1));
  form().addEventListener("input", check);
  form().addEventListener("submit", (event) => (event.preventDefault(), publish()));
  $("#discard").addEventListener("click", async () => {
    const { discard } = await import("./upload.js");
    discard(file.id);
  });
}
