/* Help for staff, beside the composer: what is offered is put into the field when it is wanted, and never sends itself.
   Everything is set as text; console.js, which comes before, has the small functions used here. */
"use strict";

function made(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element[name] = value;
    else if (value) element.setAttribute(name, value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

const panel = () => one("#aid");
const origin = (by) => (words[`help_route_${by}`] || (by === "rules" ? say("help_by_rules") : say("help_by_model", { name: by })));

function closePanel() {
  panel().hidden = true;
  panel().replaceChildren();
}

function show(kind, answer, ...parts) {
  const box = one("#messages");
  const low = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const close = made("button", { type: "button", class: "plain", onclick: closePanel }, say("help_close"));
  panel().replaceChildren(made("header", {}, made("b", {}, say(`help_${kind}`)), answer?.text && made("span", { class: "chip plain" }, origin(answer.by)), made("span", { class: "grow" }), close), ...parts.filter(Boolean));
  panel().hidden = false;
  if (low) box.scrollTop = box.scrollHeight;  // the panel takes its room from the thread
}

/** The field holds what was offered; the outcome is told when it is sent. */
function use(answer, original) {
  const box = field();
  mode("reply");
  box.value = answer.text;
  box.aid = { aid: answer.aid, ...(original ? { original } : {}) };
  closePanel();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

async function dismiss(answer) {
  closePanel();
  await post(at("help/reject"), { aid: answer.aid }).catch((error) => toast(error.message));
}

const offer = (answer, original) => made("div", { class: "row" },
  made("button", { type: "button", class: "primary", onclick: () => use(answer, original) }, say("help_use")),
  made("button", { type: "button", class: "plain", onclick: () => dismiss(answer) }, say("help_dismiss")));

const quoted = (answer) => made("blockquote", { dir: "auto", lang: answer.language }, answer.text);

function sources(list) {
  if (!list?.length) return null;
  return made("details", {}, made("summary", {}, `${say("help_sources")} ${list.length}`), made("ol", { class: "sources" },
    ...list.map((source) => made("li", {}, made("b", {}, source.title), made("span", { dir: "auto" }, source.quote)))));
}

function cases(list) {
  if (!list?.length) return null;
  return made("div", { class: "cases" }, made("h3", {}, say("help_cases")), ...list.map((each) => made("div", { class: "case" },
    made("a", { href: `/console?queue=closed&c=${each.conversation}`, dir: "auto" }, each.asked),
    made("small", {}, say("help_case_by", { name: each.by })),
    made("button", { type: "button", class: "textual", dir: "auto", onclick: () => { mode("reply"); field().value = each.answered; closePanel(); field().dispatchEvent(new Event("input", { bubbles: true })); } }, each.answered))));
}

const helps = {
  async reply() {
    const answer = await ask("reply", "reply");
    if (answer) show("reply", answer, answer.text ? quoted(answer) : made("p", { class: "quiet" }, say("help_none")), sources(answer.sources), answer.text && offer(answer), cases(answer.cases));
  },
  async rewrite() {
    const text = field().value.trim();
    if (!text) { toast(say("help_empty")); return; }
    const answer = await ask("rewrite", "rewrite", { text });
    if (answer) show("rewrite", answer, quoted(answer), offer(answer));
  },
  async translate() {
    const text = field().value.trim();
    if (!text) { toast(say("help_empty")); return; }
    const answer = await ask("translate", "translate", { text });
    if (answer?.same) { closePanel(); toast(say("help_same")); } else if (answer) shown(answer);
  },
  async message(button) {
    const answer = await ask("translate", "translate", { message: button.dataset.message });
    if (!answer) return;
    if (answer.same || !answer.whole) { answer.same ? closePanel() : shown(answer, false); return; }
    closePanel();
    const text = made("div", { class: "translated", dir: "auto" }, made("small", {}, origin(answer.by)), answer.text);
    document.querySelector(`[data-message="${button.dataset.message}"]`)?.replaceWith(text);
  },
  async summary() {
    const answer = await ask("summary", "summary");
    if (answer) show("summary", answer, quoted(answer));
  },
};

function shown(answer, writing = true) {
  const tongue = new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(answer.language);
  const near = answer.near && made("div", { class: "case" }, made("small", {}, say("help_near", { language: tongue })), made("b", {}, answer.near.title),
    made("blockquote", { dir: "auto", lang: answer.language }, answer.near.text));
  const lead = !answer.whole && made("p", { class: "quiet" }, say("help_no_model"));
  show("translate", answer.whole ? answer : null, lead, quoted(answer), answer.whole && writing && offer(answer, answer.original), near);
}

let asking = false;
async function ask(kind, path, fields = {}) {
  if (asking || !conversation()) return null;
  asking = true;
  const asked = conversation();
  show(kind, null, made("p", { class: "quiet" }, say("help_working")));
  try {
    const answer = await (await post(at(`help/${path}`), fields)).json();
    return asked === conversation() ? answer : null;
  } catch (error) {
    if (asked === conversation()) closePanel();
    toast(say("failed", { detail: error.message }));
    return null;
  } finally { asking = false; }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-help]");
  if (button && panel()) helps[button.dataset.help](button);
});
keys.s = () => { if (panel()) helps.reply(); };
