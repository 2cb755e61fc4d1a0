// Telegram's message entities as DOM nodes. Offsets and lengths are UTF-16 code units, which is
// what JavaScript's string indices are.

import { el } from "./dom.js";
import { t } from "./words.js";

// What Telegram's clients make clickable by themselves when the server sent no entity for it.
const PLAIN_LINKS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'，。；：！？）】])|((?<![\w/])\/[a-z][a-z0-9_]{0,31}(?:@\w+)?(?![\w/]))/giu;

/**
 * Nodes for `text`. `act.command(text)` is called when a bot command is clicked, `act.link(url)`
 * before a link opens and may return true when it took care of it.
 */
export function renderText(text, entities, act) {
  const ordered = (entities ?? [])
    .filter((entity) => entity.length > 0 && entity.offset >= 0 && entity.offset < text.length)
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length);
  return nodesBetween(text, ordered, 0, text.length, act, false);
}

/** The text of a message or its caption, on one line, for lists and quotes. */
export function oneLine(text) {
  return text.replace(/\s+/gu, " ").trim();
}

function nodesBetween(text, entities, start, end, act, linked) {
  const nodes = [];
  let position = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const from = Math.max(entity.offset, position);
    const to = Math.min(entity.offset + entity.length, end);
    index += 1;
    const inner = [];
    while (index < entities.length && entities[index].offset < to) inner.push(entities[index++]);
    if (to <= from) continue;
    nodes.push(...plain(text.slice(position, from), act, linked));
    const insideLink = linked || LINKS.has(entity.type);
    const children = nodesBetween(text, inner, from, to, act, insideLink);
    nodes.push(wrap(entity, text.slice(from, to), children, act));
    position = to;
  }
  nodes.push(...plain(text.slice(position, end), act, linked));
  return nodes;
}

const LINKS = new Set(["url", "text_link", "email", "phone_number", "bot_command", "code", "pre", "text_mention", "mention"]);

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", date_time: "span",
};

function wrap(entity, piece, children, act) {
  const tag = TAGS[entity.type];
  if (tag) return el(tag, {}, children);
  if (entity.type === "spoiler") return spoiler(children);
  if (entity.type === "bot_command") return command(piece, act);
  if (entity.type === "text_link") return link(entity.url, children, act);
  if (entity.type === "url") return link(piece, children, act);
  if (entity.type === "email") return link(`mailto:${piece}`, children, act);
  if (entity.type === "phone_number") return link(`tel:${piece.replace(/[^\d+]/gu, "")}`, children, act);
  return el("span", { class: "mention" }, children);
}

function spoiler(children) {
  const hidden = el("button", { type: "button", class: "spoiler", "aria-label": t("message.spoiler") }, el("span", {}, children));
  hidden.addEventListener("click", () => hidden.replaceWith(...hidden.firstElementChild.childNodes), { once: true });
  return hidden;
}

function command(text, act) {
  return el("button", { type: "button", class: "command-link", text, on: { click: () => act.command(text) } });
}

/** A link that opens in its own tab, or a plain span when the address is of a kind we do not open. */
export function link(address, children, act) {
  const url = /^[a-z][a-z0-9+.-]*:/iu.test(address) ? address : `https://${address}`;
  if (!/^(https?|mailto|tel|tg):/iu.test(url)) return el("span", {}, children);
  const open = (event) => { if (act.link(url)) event.preventDefault(); };
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", on: { click: open } }, children);
}

function plain(text, act, linked) {
  if (linked || !text) return text ? [text] : [];
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(PLAIN_LINKS)) {
    if (match.index > position) nodes.push(text.slice(position, match.index));
    nodes.push(match[1] ? link(match[1], [match[1]], act) : command(match[2], act));
    position = match.index + match[0].length;
  }
  if (position < text.length) nodes.push(text.slice(position));
  return nodes;
}
