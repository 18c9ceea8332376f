// The page on which people are played by hand. What is shown comes from the server anew at each change; the
// place that is looked at stands in the address, so that it survives a reload.
import { Log } from "./log.js";
import { el } from "./text.js";

const $ = (selector) => document.querySelector(selector);
const app = $(".app");
const compose = $(".compose");
const input = compose.elements.text;
const shown = { user: 0, bot: 0, chat: 0, thread: 0, has: false };
let about = null; // the message that is answered or edited: {act, message}
let newest = 0; // number of the last load begun
const toasted = new Set();

const log = new Log($(".log"), {
  press: async (m, button) => (await act("press", { message: m.id, text: button.callback_data }))?.query,
  say: (text) => act("say", { text }),
  tool: (name, m) => {
    if (name === "reply" || name === "edit") begin(name, m);
    else act(name, { message: m.id });
  },
});

// What is drawn anew between press and release loses the click: drawing waits for the release.
let pressed = null; // resolves then; null while nothing is pressed
addEventListener("pointerdown", () => { pressed ??= Promise.withResolvers(); });
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => setTimeout(() => { // the click comes first
    pressed?.resolve();
    pressed = null;
  }));
}

// place reads the address, such as #1001/7000000001/1001/0.
function place() {
  const parts = location.hash.slice(1).split("/").map(Number);
  const [user = 0, bot = 0, chat = 0, thread = 0] = parts;
  Object.assign(shown, { user, bot, chat, thread, has: chat !== 0 });
  app.dataset.shows = shown.has ? "chat" : "list";
}

const address = (user, bot, chat, thread) => `#${user}/${bot}/${chat}/${thread}`;
const query = (more) => new URLSearchParams({ user: shown.user, bot: shown.bot, chat: shown.chat, thread: shown.thread, ...more });

// load shows the newest state.
async function load() {
  await fetchAll().catch(() => toast("替身没有回应。"));
}

async function fetchAll() {
  const number = ++newest;
  const world = await fetch(`/play/world?user=${shown.user}`).then((r) => r.json());
  if (!shown.user && world.people.length) {
    location.replace(address(world.people[0].id, 0, 0, 0));
    return;
  }
  const view = shown.has ? await fetch(`/play/chat?${query()}`).then((r) => r.json()) : null;
  await pressed?.promise;
  if (number !== newest) return; // a later one is under way
  showSide(world);
  showChat(view);
}

function showSide(world) {
  $(".who").replaceChildren(...world.people.map((p) => {
    const link = el("a", "", p.name);
    link.href = address(p.id, 0, 0, 0);
    if (p.id === shown.user) link.setAttribute("aria-current", "true");
    return link;
  }));
  const rows = [];
  for (const c of world.chats) {
    if (!c.forum) {
      rows.push(row(c, 0, c.title, c.last, c.bot ? "机器人" : "群"));
      continue;
    }
    rows.push(el("li", "group", c.title, newTopic(c)));
    for (const t of c.topics) rows.push(row(c, t.thread, t.name, t.last, t.closed ? "已关闭" : ""));
  }
  $(".chats").replaceChildren(...rows);
}

function row(c, thread, name, last, mark) {
  const link = el("a", "", el("strong", "", name), mark ? el("small", "", mark) : "", last ? el("span", "last", last) : "");
  link.href = address(shown.user, c.bot, c.chat, thread);
  if (c.chat === shown.chat && c.bot === shown.bot && thread === shown.thread) link.setAttribute("aria-current", "true");
  return el("li", "", link);
}

function newTopic(c) {
  const add = el("button", "", "＋ 话题");
  add.type = "button";
  add.addEventListener("click", async () => {
    const name = prompt("话题的名称");
    if (name) await act("open topic", { chat: c.chat, text: name });
  });
  return add;
}

function showChat(view) {
  $(".nothing").hidden = Boolean(view);
  $(".chat").hidden = !view;
  if (!view) return;
  $(".title h1").textContent = view.topic || view.title || "机器人";
  $(".title p").textContent = view.topic ? view.title : view.blocked ? "已停用" : view.private ? "机器人" : "群";
  $(".acts").replaceChildren(...actsFor(view));
  const pinned = $(".pinned");
  pinned.hidden = !view.pinned;
  if (view.pinned) {
    pinned.replaceChildren(el("strong", "", "置顶"), view.pinned.text || "图片");
    pinned.dataset.id = view.pinned.id;
  }
  log.show(view);
  showTyping(view.typing);
  $(".scan").hidden = !view.private;
  const wall = view.gone ? "这个话题已被删除。" : view.blocked ? "你停用了这个机器人，收不到它的消息。" : view.private && !view.started ? "点“开始”，或填上序列号扫码进入。" : "";
  $(".wall").hidden = !wall;
  $(".wall").replaceChildren(wall, ...(view.gone ? [] : [button(view.blocked ? "恢复" : "开始", () => act(view.blocked ? "unblock" : "start"))]));
  compose.hidden = Boolean(wall);
  for (const a of view.answers) answer(a);
}

function showTyping(on) {
  $(".typing").textContent = on ? "正在输入…" : "";
  clearTimeout(showTyping.timer);
  if (on) showTyping.timer = setTimeout(load, 5200); // it ends without a change
}

function button(label, does) {
  const b = el("button", "", label);
  b.type = "button";
  b.addEventListener("click", does);
  return b;
}

function actsFor(view) {
  if (view.gone) return [];
  if (view.private) return view.started && !view.blocked ? [button("停用", () => act("block"))] : [];
  if (!view.agent || !shown.thread) return [];
  return [
    button(view.closed ? "重新打开" : "关闭", () => act(view.closed ? "reopen topic" : "close topic")),
    button("删除话题", () => confirm("删除这个话题和里面的消息？") && act("delete topic")),
  ];
}

// answer shows, once, what a bot answered to a pressed button.
function answer(a) {
  log.answered(a.query);
  if (toasted.has(a.query)) return;
  toasted.add(a.query);
  if (!a.text) return;
  if (!a.alert) return toast(a.text);
  $(".alert p").textContent = a.text;
  $(".alert").showModal();
}

function toast(text) {
  const box = $(".toast");
  box.textContent = text;
  box.classList.add("shows");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.remove("shows"), 4000);
}

// act does something in the name of the person, and returns what came of it, or null.
async function act(name, more = {}) {
  const { user, bot, chat, thread } = shown;
  const response = await fetch("/play/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ act: name, user, bot, chat, thread, ...more }),
  }).catch(() => null);
  const result = await response?.json().catch(() => null);
  if (response?.ok) return result;
  toast(result?.error ?? "替身没有回应。");
  return null;
}

function begin(name, message) {
  about = { act: name, message };
  $(".about").hidden = false;
  $(".about span").textContent = (name === "edit" ? "编辑：" : "回复：") + (message.text || "图片");
  if (name === "edit") input.value = message.text;
  grow();
  input.focus();
}

function end() {
  about = null;
  $(".about").hidden = true;
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
}

compose.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  const done = about?.act === "edit" ? await act("edit", { message: about.message.id, text }) : await act("say", { text, reply: about?.message.id ?? 0 });
  if (!done) return;
  input.value = "";
  end();
  grow();
  log.toEnd();
});
input.addEventListener("input", grow);
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    compose.requestSubmit();
  }
});
$(".about button").addEventListener("click", () => {
  if (about?.act === "edit") input.value = "";
  end();
  grow();
});
$(".attach input").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const more = query({ name: file.name, text: input.value.trim(), reply: about?.message.id ?? 0 });
  const response = await fetch(`/play/file?${more}`, { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file });
  if (!response.ok) toast((await response.json()).error);
  else {
    input.value = "";
    end();
  }
  event.target.value = "";
});
$(".scan").addEventListener("submit", async (event) => {
  event.preventDefault();
  const sn = event.target.elements.sn;
  if (await act("start", { text: sn.value.trim() })) sn.value = "";
});
$(".back").addEventListener("click", () => (location.hash = address(shown.user, 0, 0, 0)));
$(".pinned").addEventListener("click", (event) => {
  $(`.log [data-id="${event.currentTarget.dataset.id}"]`)?.scrollIntoView({ block: "center" });
});

async function go() {
  place();
  end();
  log.clear();
  await load();
  log.toEnd();
}

addEventListener("hashchange", go);
await go();
new EventSource("/play/events").addEventListener("message", () => load());
