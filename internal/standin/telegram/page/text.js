// Texts with entities, and small helpers to build elements.

// el makes an element with a class and children: strings and nodes.
export function el(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

const tags = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", spoiler: "span",
};

// rich turns a text and its entities, which may lie within each other, into nodes. Offsets count UTF-16
// units, as strings do here.
export function rich(text, entities) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, inside) => {
    const nodes = [];
    let at = from;
    let last = null;
    for (let i = 0; i < inside.length; i++) {
      const entity = inside[i];
      const end = Math.min(to, entity.offset + entity.length);
      if (entity.offset < at) continue;
      nodes.push(line(text.slice(at, entity.offset), last && isBlock(last), isBlock(entity)));
      const within = inside.slice(i + 1).filter((e) => e.offset < end);
      nodes.push(wrap(entity, text.slice(entity.offset, end), build(entity.offset, end, within)));
      at = end;
      last = entity;
    }
    nodes.push(line(text.slice(at, to), last && isBlock(last), false));
    return nodes;
  };
  return build(0, text.length, sorted);
}

const isBlock = (entity) => ["pre", "blockquote", "expandable_blockquote"].includes(entity.type);

// line is a text without the line ends next to blocks, which begin and end a line by themselves.
function line(text, afterBlock, beforeBlock) {
  if (afterBlock) text = text.replace(/^\n/, "");
  return beforeBlock ? text.replace(/\n$/, "") : text;
}

function wrap(entity, said, children) {
  const address = entity.type === "text_link" ? entity.url : entity.type === "url" ? said : "";
  if (address && /^https?:/.test(address)) {
    const link = el("a", "", ...children);
    link.href = address;
    link.rel = "noreferrer";
    link.target = "_blank";
    return link;
  }
  if (entity.type === "bot_command") {
    const command = el("button", "command", ...children); // a tap sends it: log.js listens
    command.type = "button";
    return command;
  }
  if (entity.type === "expandable_blockquote") {
    return el("details", "", el("summary", "", "引用，点开看"), el("blockquote", "", ...children));
  }
  if (tags[entity.type]) return el(tags[entity.type], entity.type, ...children);
  return el("span", "marked", ...children);
}

// clock writes a time of day.
export function clock(ms) {
  return new Date(ms).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
}

// size writes a number of bytes.
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1 << 20) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MB`;
}
