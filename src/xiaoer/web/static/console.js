/* The console, live. The server renders every state as a whole page; this script asks for the same page again and puts in
   what is different. When something moved in the open conversation only, it asks for that part of the page. Rows of the
   list come with the events, rendered by the server too, so this script has no second copy of any truth to keep in step. */
"use strict";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = JSON.parse(one("#words")?.textContent || "{}");
const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
const csrf = one('meta[name="csrf"]')?.content;
const live = document.body.hasAttribute("data-live");
const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/* -- times and small things -- */

function ago(moment) {
  const minutes = Math.floor((Date.now() - moment) / 60_000);
  if (minutes < 1) return say("now");
  if (minutes < 60) return say("minutes", { n: minutes });
  if (minutes < 12 * 60) return say("hours", { n: Math.floor(minutes / 60) });
  return null;
}

function tellTimes(root = document) {
  for (const time of all("time[data-ago]", root)) {
    time.dataset.exact ||= time.textContent;
    time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
    time.textContent = ago(Date.parse(time.dateTime)) ?? time.dataset.exact;
  }
}

function toast(text, { act, label, stay = 6000 } = {}) {
  const shown = document.createElement("div");
  shown.className = "toast";
  shown.append(text);
  if (act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = () => { shown.remove(); act(); };
    shown.append(button);
  }
  one("#toasts").append(shown);
  if (stay) setTimeout(() => shown.remove(), stay);
  return shown;
}

/** Who looks elsewhere is called, see calling.js; who looks here is told what they might not see (`seen`: all the same). */
function want(text, { seen = false, ...shown } = {}) {
  if (seen || !document.hasFocus()) toast(text, shown);
  if (!document.hasFocus()) dispatchEvent(new CustomEvent("wanted", { detail: text }));
}

async function post(path, fields = {}) {
  const response = await fetch(path, { method: "POST", headers: { "X-CSRF-Token": csrf }, body: new URLSearchParams(fields) });
  if (response.ok) return response;
  const { error, detail } = await response.json().catch(() => ({ detail: response.statusText }));
  if (response.status === 401) { location.reload(); throw new Error(say("signed_out")); }
  throw new Error(error === "TakenByAnother" ? say("taken") : detail);
}

/* -- the page, asked for again -- */

let refreshing = null;  // "page" or "open" while it is on its way
let again = null;  // what is asked for after that

async function page(address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (response.redirected && new URL(response.url).pathname.endsWith("/sign-in")) { location.reload(); return null; }
  if (!response.ok) throw new Error(response.statusText);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Swap an element for its new self, unless they are the same or somebody is writing in it. */
function swap(selector, fresh) {
  const old = one(selector);
  const next = one(selector, fresh);
  if (!old || !next) return;
  const html = next.innerHTML;
  if (held.get(selector) === html || (old.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), select, textarea"))) return;
  held.set(selector, html);
  const picked = selector === "#list" ? chosen() : [];
  const open = all("details[open][id]", old).map((each) => each.id);
  const focused = document.activeElement?.dataset?.id;
  const ticked = document.activeElement?.matches(".pick") && document.activeElement.value;
  const { scrollTop, scrollLeft } = old;
  const copy = document.importNode(next, true);
  old.replaceChildren(...copy.childNodes);
  for (const name of copy.getAttributeNames()) old.setAttribute(name, copy.getAttribute(name));
  open.forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; });
  picked.forEach((id) => { const each = one(`.pick[value="${id}"]`, old); if (each) each.checked = true; });
  if (selector === "#list") tellChosen();
  old.scrollTop = scrollTop;
  old.scrollLeft = scrollLeft;
  if (focused) one(`[data-id="${focused}"]`, old)?.focus();
  if (ticked) one(`.pick[value="${ticked}"]`, old)?.focus();
  tellTimes(old);
}
const held = new Map();

function takeMessages(fresh) {
  const box = one("#messages");
  const next = one("#messages", fresh);
  if (!box || !next) return;
  const low = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const last = Number(box.lastElementChild?.dataset.position || 0);
  let added = 0;
  for (const each of [...next.children]) {
    if (Number(each.dataset.position) <= last) continue;
    box.append(document.importNode(each, true));
    added += 1;
  }
  for (const each of all(".message", next)) {  // a rating may come later
    const old = document.getElementById(each.id);
    const foot = one("footer", each);
    if (old && foot && one("footer", old)?.innerHTML !== foot.innerHTML) one("footer", old)?.replaceWith(document.importNode(foot, true));
  }
  if (!added) return;
  tellTimes(box);
  if (low) box.scrollTop = box.scrollHeight;
  else one("#below").hidden = false;
}

/** Ask for the page again, or (`"open"`) for what moves of the open conversation; one asks at a time. */
async function load(what) {
  if (!live) return;
  if (refreshing) { again = again === "page" ? again : what; return; }
  const here = location.href;
  const only = what === "open" && conversation();
  refreshing = only ? "open" : "page";
  try {
    const fresh = await page(only ? openOnly(here) : here);
    if (!fresh || here !== location.href) { again ||= what; return; }
    if (only && one("#messages", fresh)?.dataset.conversation !== conversation()) return;  // somebody goes elsewhere
    const waiting = hot();
    if (!only) document.title = fresh.title;
    [...(only ? [] : ["#queues", "#tabs", ".narrow", "#list"]), "#bar", "#card"].forEach((selector) => swap(selector, fresh));
    const hint = one("#hint", fresh);
    if (hint && one("#hint")) one("#hint").textContent = hint.textContent;
    takeMessages(fresh);
    if (hot() > waiting) want(say("new"));
  } catch { /* the next event, or the reconnect, asks again */ } finally {
    refreshing = null;
    const next = again;
    again = null;
    if (next) load(next);
  }
}

const refresh = () => load("page");
const refreshOpen = () => load("open");

/** The same address, and the position up to which this page has the messages. */
function openOnly(address) {
  const asked = new URL(address);
  asked.searchParams.set("after", one("#messages").lastElementChild?.dataset.position || 0);
  return asked;
}

/* -- one row of the list, as it comes with an event -- */

const LISTED = 60;  // as many as the server lists
let moves = 0;

/** Put a conversation's row where its queue has it, or take it away; the server said both. */
function place({ id, queue, key, row }, shown) {
  const list = one("#list");
  const old = one(`.entry[data-id="${id}"]`, list)?.closest(".row");
  const others = all(".row", list).filter((each) => each !== old);
  held.delete("#list");
  if (queue !== shown) {
    if (!old) return;
    old.remove();
    tellChosen();
    if (!others.length || others.length + 1 >= LISTED) loadSoon("page");  // the empty state, or who comes after the last
    return;
  }
  const next = others.find((each) => (shown === "waiting" ? Number(each.dataset.key) > key : Number(each.dataset.key) < key));
  if (!old && !next && others.length >= LISTED) return;
  const made = document.createElement("template");
  made.innerHTML = row;
  const fresh = made.content.firstElementChild;
  if (id === conversation()) one(".entry", fresh).setAttribute("aria-current", "true");
  const pick = one(".pick", fresh);
  if (pick) pick.checked = Boolean(old && one(".pick:checked", old));
  const focused = old?.contains(document.activeElement) && (document.activeElement.matches(".pick") ? ".pick" : ".entry");
  tellTimes(fresh);
  if (old && old.nextElementSibling === (next || null)) old.replaceWith(fresh);
  else {
    old?.remove();
    if (next) next.before(fresh); else list.append(fresh);
  }
  if (focused) one(focused, fresh).focus();
  one(".empty", list)?.remove();
  if (others.length >= LISTED) others.at(-1).remove();
  tellChosen();
}

function tellCounts(counts) {
  const waiting = hot();
  for (const [queue, count] of Object.entries(counts)) {
    const told = one(`#queues [data-queue="${queue}"] .count`);
    if (!told) continue;
    told.textContent = count;
    told.setAttribute("aria-label", told.getAttribute("aria-label").replace(/\d+/, count));
    told.classList.toggle("hot", queue === "waiting" && count > 0);
    const tab = one(`#tabs [data-tab="${queue}"] b`);
    tab.textContent = count;
    tab.classList.toggle("hot", queue === "waiting" && count > 0);
  }
  held.delete("#queues");
  held.delete("#tabs");
  const last = one("#queues").dataset.console;
  const name = document.title.slice(0, -last.length).replace(/\(\d+\) $/, "");
  document.title = `${name}${counts.waiting ? `(${counts.waiting}) ` : ""}${last}`;
  if (counts.waiting > waiting) want(say("new"));
}

/** Many may listen: what comes with the event is shown, and only the open conversation is asked for again. */
function takeMoved(event) {
  const { conversations, moved, counts } = JSON.parse(event.data);
  moves += 1;
  if (!counts) { refreshSoon(); return; }  // the server could not look itself
  if (refreshing === "page") again = "page";  // what is on its way may be older
  const person = one("#card .person")?.dataset.customer;
  if (moved.includes(conversation()) || conversations.some((each) => each.customer === person)) refreshOpen();
  tellCounts(counts);
  const shown = one("#list").dataset.queueShown;
  if (shown) conversations.forEach((each) => place(each, shown));
  else loadSoon("page");  // who is searched for or narrowed to, only the server can tell
}

const hot = () => Number(one('#queues [data-queue="waiting"] .count')?.textContent || 0);

let soon = 0;
const refreshSoon = () => { clearTimeout(soon); soon = setTimeout(refresh, 80); };
const due = {};
const asked = {};
/** However much happens, it is asked for once a second. */
function loadSoon(what) {
  const wait = Math.max(150, (asked[what] || 0) + 1000 - Date.now());
  due[what] ||= setTimeout(() => { due[what] = 0; asked[what] = Date.now(); load(what); }, wait);
}

let going = 0;
/** Go to another conversation or queue without a flash; drafts are kept per conversation. Whoever went on meanwhile is
    not called back by an answer that comes late. */
async function go(address, { push = true } = {}) {
  keepDraft();
  const step = ++going;
  let fresh;
  const before = moves;
  try { fresh = await page(address); } catch { if (step === going) location.href = address; return; }
  if (!fresh || step !== going) return;
  if (push) history.pushState({}, "", address);
  document.title = fresh.title;
  held.clear();
  document.activeElement?.matches(".card *, .talk *") && document.activeElement.blur();
  ["#queues", "#tabs", ".narrow", "#list", "#card"].forEach((selector) => swap(selector, fresh));
  const talk = one("#main");
  const other = one("#main", fresh);
  const same = one("#messages")?.dataset.conversation === one("#messages", fresh)?.dataset.conversation && one("#messages");
  if (same) swap("#bar", fresh);
  else talk.replaceChildren(...document.importNode(other, true).childNodes);
  document.body.dataset.view = fresh.body.dataset.view;
  if (!same) settle();
  if (moves !== before) refresh();
}

function settle() {
  tellTimes();
  const box = one("#messages");
  if (box) {
    box.scrollTop = box.scrollHeight;
    box.onscroll = () => { if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) one("#below").hidden = true; };
  }
  const draft = conversation() && sessionStorage.getItem(`draft:${conversation()}`);
  if (draft && field()) field().value = draft;
  one('#list [aria-current="true"]')?.scrollIntoView({ block: "nearest" });
}

/* -- the conversation -- */

const conversation = () => one("#messages")?.dataset.conversation;
const stand = () => one("#bar")?.dataset.stand;
const field = () => one("#words-to-say");
const at = (action) => `/console/conversations/${conversation()}/${action}`;

function keepDraft() {
  if (!conversation() || !field()) return;
  if (field().value.trim()) sessionStorage.setItem(`draft:${conversation()}`, field().value);
  else sessionStorage.removeItem(`draft:${conversation()}`);
}

let taking = null;
/** The first keystroke of a reply makes the conversation mine; the assistant is silent from then on. */
function takeFirst() {
  if (taking || !["assistant", "waiting", "closed"].includes(stand())) return taking;
  taking = post(at("take")).then(refresh, (error) => { toast(error.message); refresh(); }).finally(() => { taking = null; });
  return taking;
}

let typed = 0;
function typing() {
  if (one("#composer").dataset.mode !== "reply" || !field().value.trim()) return;
  if (stand() !== "mine") takeFirst();
  else if (Date.now() - typed > 3000) {
    typed = Date.now();
    post(at("typing")).catch(() => {});
  }
}

function mode(name) {
  const form = one("#composer");
  if (!form) return;
  form.dataset.mode = name;
  all("[data-mode-of]", form).forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.modeOf === name)));
  field().placeholder = field().dataset[name];
  field().setAttribute("aria-label", field().dataset[name]);
  const button = one("[data-send]", form);
  button.textContent = name === "note" ? button.dataset.keep : button.dataset.send;
  field().focus();
}

let sending = false;
async function send() {
  const box = field();
  const text = box.value.trim();
  if (!text || sending) return;
  sending = true;
  const isNote = one("#composer").dataset.mode === "note";
  const key = (box.dataset.key ||= `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`);
  try {
    await post(at(isNote ? "note" : "reply"), { text, key, ...(isNote ? {} : box.aid) });
    delete box.dataset.key;
    if (!isNote) delete box.aid;
    if (box.value.trim() === text) box.value = "";
    keepDraft();
    if (isNote) { toast(say("noted")); mode("reply"); }
    one("#messages").scrollTop = one("#messages").scrollHeight;
    refreshOpen();  // the list hears of it as everybody's does
  } catch (error) {
    toast(error.message === "Failed to fetch" ? say("retry") : say("failed", { detail: error.message }));
  } finally { sending = false; }
}

async function act(form, submitter) {
  const name = form.dataset.act;
  const path = form.getAttribute("action");
  try {
    await post(path, Object.fromEntries(new FormData(form, submitter)));
    document.activeElement?.blur();
    if (name === "close") toast(say("closed"), { label: say("undo"), act: () => post(path.replace(/close$/, "take")).then(refresh, (error) => toast(error.message)) });
    if (name === "handback") toast(say("handed"));
    if (name === "snooze") toast(say("snoozed"));
    if (name === "propose") toast(say("proposed"));
    await refresh();
    if (name === "take") mode("reply");
  } catch (error) { toast(say("failed", { detail: error.message })); }
}

/* -- the keyboard -- */

function move(step) {
  const entries = all("#list .entry");
  const at = entries.findIndex((entry) => entry.getAttribute("aria-current") === "true");
  const next = entries[Math.max(0, Math.min(entries.length - 1, at < 0 ? 0 : at + step))];
  if (next) go(next.href);
}

function press(key) {
  const button = one(`#bar [data-key="${key}"]`);
  if (button) button.click();
}

const keys = {
  j: () => move(1), k: () => move(-1), r: () => mode("reply"), n: () => mode("note"), "/": () => one("#search")?.focus(),
  "?": () => one("#help").showModal(), x: () => { const pick = one('#list .row:has([aria-current="true"]) .pick'); if (pick) pick.click(); },
  t: () => press("t"), b: () => press("b"), e: () => press("e"),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if ((apple ? event.metaKey : event.ctrlKey) && event.key.toLowerCase() === "k" && one("#palette")) { event.preventDefault(); openPalette(); return; }
  const opened = event.key === "Escape" && one(".rail details[open]");
  if (opened) { opened.open = false; one("summary", opened).focus(); return; }
  const writing = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName);
  if (event.key === "Escape" && writing && !event.target.closest("dialog")) { event.target.blur(); return; }
  if (event.target === field() && event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); return; }
  if (writing || event.metaKey || event.ctrlKey || event.altKey || one("dialog[open]") || !live) return;
  const run = keys[event.key.toLowerCase()];
  if (run) { event.preventDefault(); run(); }
});

/* -- many at once, files -- */

const chosen = () => all("#list .pick:checked").map((each) => each.value);
function tellChosen() {
  const bar = one("#bulk");
  if (!bar) return;
  const n = chosen().length;
  bar.hidden = !n;
  one("#list").classList.toggle("choosing", n > 0);
  one("[data-chosen]", bar).textContent = say("chosen", { n });
}

async function bulk(submitter) {
  const fields = new FormData(one("#bulk"), submitter);
  try {
    const { done, refused } = await (await post("/console/conversations/bulk", fields)).json();
    toast(refused.length ? say("bulk_refused", { n: done, refused: refused.length, detail: refused[0] }) : say("bulk", { n: done }));
    all("#list .pick").forEach((each) => { each.checked = false; });
    tellChosen();
    await refresh();
  } catch (error) { toast(say("failed", { detail: error.message })); }
}

async function attach(file) {
  const told = toast(say("sending", { name: file.name }), { stay: 0 });
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const response = await fetch(at("attachments"), { method: "POST", headers: { "X-CSRF-Token": csrf }, body: form });
    if (!response.ok) throw new Error((await response.json().catch(() => ({ detail: response.statusText }))).detail);
    await refresh();
  } catch (error) { toast(say("failed", { detail: error.message })); } finally { told.remove(); }
}

/* -- the palette -- */

let commands = [];
function openPalette() {
  commands = all("[data-command]").filter((each) => !each.closest("dialog")).map((each) => ({ name: each.dataset.command, run: () => each.click() }));
  const box = one("#palette-text");
  box.value = "";
  listCommands();
  if (!one("#palette").open) one("#palette").showModal();
  box.focus();
}

function listCommands() {
  const wanted = one("#palette-text").value.trim().toLowerCase();
  const found = commands.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 30);
  one("#palette-list").replaceChildren(...found.map(({ name, run }, n) => {
    const row = document.createElement("li");
    row.id = `command-${n}`;
    row.role = "option";
    row.ariaSelected = String(n === 0);
    row.textContent = name;
    row.onclick = () => { one("#palette").close(); run(); };
    return row;
  }));
  one("#palette-text").setAttribute("aria-activedescendant", found.length ? "command-0" : "");
}

one("#palette-text")?.addEventListener("input", listCommands);
one("#palette-text")?.addEventListener("keydown", (event) => {
  const rows = all("#palette-list li");
  const on = rows.findIndex((row) => row.ariaSelected === "true");
  if (event.key === "Enter") { event.preventDefault(); rows[on]?.click(); }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const next = rows[(on + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length];
  rows.forEach((row) => { row.ariaSelected = String(row === next); });
  next?.scrollIntoView({ block: "nearest" });
  one("#palette-text").setAttribute("aria-activedescendant", next?.id || "");
});

/* -- clicks, forms, history -- */

document.addEventListener("click", (event) => {
  all(".rail details[open]").filter((each) => !each.contains(event.target)).forEach((each) => { each.open = false; });
  const canned = event.target.closest("[data-text]");
  if (canned && field()) {
    mode("reply");
    field().value = [field().value.trim(), canned.dataset.text].filter(Boolean).join("\n");
    canned.closest("details").open = false;
    typing();
    return;
  }
  const chosen = event.target.closest("[data-mode-of]");
  if (chosen) { mode(chosen.dataset.modeOf); return; }
  if (event.target.closest("[data-unchoose]")) { all("#list .pick").forEach((each) => { each.checked = false; }); tellChosen(); return; }
  if (event.target.closest("[data-card]")) {
    document.body.dataset.view = document.body.dataset.view === "card" ? "thread" : "card";
    return;
  }
  if (event.target.closest("#below")) { one("#messages").scrollTop = one("#messages").scrollHeight; return; }
  const link = event.target.closest("a[href]");
  if (!live || !link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.origin !== location.origin || link.pathname !== "/console") return;
  event.preventDefault();
  const why = link.dataset.why;
  go(link.href).then(() => {
    if (!why) return;
    all(".why").forEach((each) => each.toggleAttribute("aria-current", each.dataset.why === why));
    if (matchMedia("(max-width: 1279px)").matches) document.body.dataset.view = "card";
  });
});

document.addEventListener("submit", (event) => {
  if (!live) return;
  if (event.target.id === "composer") { event.preventDefault(); send(); }
  else if (event.target.dataset.act) { event.preventDefault(); act(event.target, event.submitter); }
  else if (event.target.id === "bulk") { event.preventDefault(); bulk(event.submitter); }
  else if (event.target.matches(".search")) {
    event.preventDefault();
    go(`/console?${new URLSearchParams(new FormData(event.target))}`);
  }
});
document.addEventListener("input", (event) => { if (event.target === field()) { typing(); keepDraft(); } });
if (live) {
  addEventListener("popstate", () => go(location.href, { push: false }));
  addEventListener("pagehide", keepDraft);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => tellTimes(), 30_000);
  setInterval(refresh, 60_000);
}
document.addEventListener("change", (event) => {
  if (event.target.matches(".pick")) { tellChosen(); return; }
  if (event.target.id === "attach") { if (event.target.files[0]) attach(event.target.files[0]); event.target.value = ""; return; }
  if (live && event.target.dataset.narrows !== undefined) {
    const said = [...new FormData(event.target.form)].filter(([, value]) => value);
    go(`/console?${new URLSearchParams(said)}`);
    return;
  }
  if (event.target.dataset.submits !== undefined) event.target.form.requestSubmit();
});

/* -- live events -- */

let lost = null;
function listen() {
  const source = new EventSource("/console/events");
  source.addEventListener("hello", () => {
    if (lost) { lost.remove(); lost = null; toast(say("back"), { stay: 3000 }); }
    refresh();
  });
  source.addEventListener("moved", takeMoved);
  source.addEventListener("people", (event) => {  // who has which conversation open matters to who has it open too
    const { conversation: where } = JSON.parse(event.data);
    if (conversation() && (!where || where === conversation())) loadSoon("open");
  });
  source.addEventListener("escalated", () => want(say("escalated"), { seen: true }));  // what moved is told besides
  source.addEventListener("danger", (event) => {
    const { conversation: where } = JSON.parse(event.data);
    want(say("danger"), { seen: true, stay: 60_000, label: say("open"), act: () => go(`/console?c=${where}`) });
  });
  source.addEventListener("mention", (event) => {
    const { conversation: where } = JSON.parse(event.data);
    want(say("mention"), { seen: true, stay: 15_000, label: say("open"), act: () => go(`/console?c=${where}`) });
  });
  source.addEventListener("bye", () => { source.close(); location.reload(); });
  source.onerror = () => {
    lost ||= toast(say("lost"), { stay: 0 });
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
  addEventListener("pagehide", () => source.close(), { once: true });
}

settle();
if (live) listen();
