// The messages of a chat.
import { clock, el, rich, size } from "./text.js";

const happened = {
  "topic created": (m) => `${m.name} 新建了话题“${m.detail}”`,
  "topic renamed": (m) => `${m.name} 把话题改名为“${m.detail}”`,
  "topic closed": (m) => `${m.name} 关闭了话题`,
  "topic reopened": (m) => `${m.name} 重新打开了话题`,
  "message pinned": (m) => `${m.name} 置顶了一条消息`,
  "member joined": () => "有人进群",
  "member left": () => "有人退群",
  "group moved": () => "群已升级",
};

// Log shows messages and keeps those that have not changed, so that nothing flickers. It tells on.press,
// on.tool and on.say what was clicked.
export class Log {
  constructor(list, on) {
    this.list = list;
    this.on = on;
    this.shown = new Map(); // by id: {key, node}
    list.addEventListener("click", (event) => {
      const command = event.target.closest(".command");
      if (command) on.say(command.textContent);
    });
    this.waiting = new Map(); // buttons that wait for an answer, by the id of their query
  }

  clear() {
    this.list.replaceChildren();
    this.shown.clear();
    this.waiting.clear();
  }

  show(view) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const seen = new Set();
    let grew = false;
    let next = this.list.firstChild;
    for (const message of view.messages) {
      seen.add(message.id);
      const key = JSON.stringify([message, view.agent]);
      let item = this.shown.get(message.id);
      if (!item || item.key !== key) {
        const node = this.item(message, view);
        grew ||= !item;
        if (item) {
          if (item.node === next) next = next.nextSibling;
          item.node.remove();
        }
        item = { key, node };
        this.shown.set(message.id, item);
      }
      if (item.node === next) next = next.nextSibling;
      else this.list.insertBefore(item.node, next);
    }
    for (const [id, item] of this.shown) {
      if (seen.has(id)) continue;
      item.node.remove();
      this.shown.delete(id);
    }
    if (grew && atEnd) this.toEnd();
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  item(m, view) {
    if (m.service) return el("li", "event", happened[m.service]?.(m) ?? m.service);
    const bubble = el("div", "bubble");
    if (!m.mine && !view.private) bubble.append(el("p", m.bot ? "name bot" : "name", m.name));
    if (m.replyTo) bubble.append(el("p", "answers", m.replyTo));
    bubble.append(...this.media(m));
    if (m.text) bubble.append(el("div", "text", ...rich(m.text, m.entities)));
    bubble.append(this.meta(m, view));
    const item = el("li", m.mine ? "message mine" : "message", bubble);
    item.dataset.id = m.id;
    if (m.buttons) item.append(this.keys(m));
    return item;
  }

  media(m) {
    const nodes = [];
    if (m.photo) {
      const picture = el("img", "photo");
      picture.src = `/play/file/${m.photo.path}`;
      picture.alt = "图片";
      picture.width = m.photo.width;
      picture.height = m.photo.height;
      picture.addEventListener("load", () => this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 400 && this.toEnd());
      nodes.push(picture);
    }
    if (m.file) {
      const link = el("a", "file", m.file.name || "文件", el("small", "", size(m.file.size)));
      link.href = `/play/file/${m.file.path}`;
      link.download = m.file.name;
      nodes.push(link);
    }
    if (m.voice) nodes.push(el("p", "file", "语音", el("small", "", `${m.voice.seconds} 秒`)));
    if (m.sticker) nodes.push(el("p", "sticker", m.sticker));
    if (m.location) nodes.push(el("p", "file", "位置", el("small", "", `${m.location.latitude}, ${m.location.longitude}`)));
    return nodes;
  }

  // meta is the line with the time, behind which the tools are.
  meta(m, view) {
    const more = el("button", "more", "⋯");
    more.type = "button";
    more.setAttribute("aria-label", "更多");
    const tools = el("span", "tools");
    tools.hidden = true;
    const offered = [["回复", "reply"]];
    if (m.mine) offered.push(["编辑", "edit"]);
    if (view.agent) offered.push(m.pinned ? ["取消置顶", "unpin"] : ["置顶", "pin"]);
    if (m.mine || view.agent) offered.push(["删除", "delete"]);
    for (const [label, act] of offered) {
      const tool = el("button", "", label);
      tool.type = "button";
      tool.addEventListener("click", () => {
        tools.hidden = true;
        this.on.tool(act, m);
      });
      tools.append(tool);
    }
    more.addEventListener("click", () => (tools.hidden = !tools.hidden));
    return el("p", "meta", tools, m.edited ? "已编辑 " : "", clock(m.at), more);
  }

  keys(m) {
    const rows = el("div", "keys");
    for (const row of m.buttons) {
      const line = el("div", "row");
      for (const b of row) {
        if (b.url) {
          const link = el("a", "key", b.text, " ↗");
          link.href = b.url;
          link.rel = "noreferrer";
          link.target = "_blank";
          line.append(link);
          continue;
        }
        const key = el("button", "key", b.text);
        key.type = "button";
        key.addEventListener("click", () => this.press(m, b, key));
        line.append(key);
      }
      rows.append(line);
    }
    return rows;
  }

  // press waits for the bot's answer as Telegram does: the button shows it.
  async press(m, button, key) {
    if (key.ariaBusy === "true") return;
    key.ariaBusy = "true";
    const query = await this.on.press(m, button);
    if (!query) {
      key.ariaBusy = "false";
      return;
    }
    this.waiting.set(query, key);
    setTimeout(() => this.answered(query), 15000);
  }

  answered(query) {
    const key = this.waiting.get(query);
    if (key) key.ariaBusy = "false";
    this.waiting.delete(query);
  }
}
