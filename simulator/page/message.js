// One bubble: who said it, what it answers, what it carries, its text, its time and its buttons.

import { avatar, el } from "./dom.js";
import { link, renderText } from "./entities.js";
import { icon } from "./icons.js";
import { inlineKeyboard } from "./keyboards.js";
import { mediaOf, serviceText, summaryOf } from "./media.js";
import { clockTime, dayLabel } from "./times.js";
import { t } from "./words.js";

/** The line between two days. */
export function dayRow(seconds, zone, now) {
  return el("div", { class: "day-row" }, el("span", { text: dayLabel(seconds, zone, now) }));
}

/** An event of the chat itself (somebody joined, the title changed). */
export function serviceRow(message) {
  return el("div", { class: "day-row service-row" }, el("span", { text: serviceText(message) }));
}

/**
 * A bubble for `parts`: one message, or the messages of one album. `view`: `zone`, `group` (show
 * the sender), `starts` and `ends` (place in a run of the same sender), `waiting` (presses not
 * answered), `act` (reply, edit, press, jump, command, link, copy, draft).
 */
export function messageRow(parts, view) {
  const [message] = parts;
  const outgoing = message.own;
  const classes = ["message", outgoing ? "message-out" : "message-in",
    view.starts ? "message-starts" : "", view.ends ? "message-ends" : ""].join(" ");
  const bubble = el("div", { class: `bubble ${bare(message) ? "bubble-bare" : ""}`,
    on: { click: (event) => replyOnClick(event, message, view.act) } }, content(parts, view));
  return el("article", { class: classes, tabindex: "-1", "aria-label": spoken(message, view.zone), data: { message: message.message_id } },
    view.group && !outgoing ? face(message, view.ends) : null,
    el("div", { class: "message-body" },
      el("div", { class: "bubble-line" }, bubble, tools(message, outgoing, view.act)),
      inlineKeyboard(message, view.act, view.waiting)));
}

const bare = (message) => Boolean(message.sticker ?? message.dice);

const face = (message, shown) => (shown
  ? avatar(senderOf(message), message.from?.id ?? 0, "avatar-small")
  : el("span", { class: "avatar-gap" }));

function content(parts, view) {
  const [message] = parts;
  const captioned = parts.find((part) => part.caption) ?? message;
  const text = captioned.text ?? captioned.caption ?? "";
  const media = parts.length > 1 ? [album(parts)] : mediaOf(message);
  const words = text ? el("div", { class: "words" }, renderText(text, captioned.entities ?? captioned.caption_entities, view.act), stamp(parts.at(-1), view.zone)) : null;
  const above = message.show_caption_above_media;
  return [
    view.group && view.starts && !message.own
      ? el("div", { class: `sender tint-text-${Math.abs(message.from?.id ?? 0) % 7}`, text: senderOf(message) }) : null,
    forwarded(message),
    quote(message, view.act),
    above ? words : null,
    ...media,
    above ? null : words,
    preview(message, view.act),
    words ? null : stamp(parts.at(-1), view.zone),
  ];
}

function album(parts) {
  const columns = parts.length === 2 || parts.length === 4 ? 2 : Math.min(3, parts.length);
  return el("div", { class: "album", style: { "--columns": columns } }, parts.map((part) => mediaOf(part)));
}

// Floats into the last line of the text, as Telegram does, so that short messages stay one line.
function stamp(message, zone) {
  return el("span", { class: "stamp" },
    message.sim?.edited || message.edit_date ? `${t("message.edited")} ` : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString(), text: clockTime(message.date, zone) }));
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "";
  return el("div", { class: "forwarded", text: t("message.forwarded", { who: name }) });
}

function quote(message, act) {
  const original = message.reply_to_message;
  if (!original || original.forum_topic_created) return null; // whatever is in a topic "answers" its beginning
  const said = message.quote?.text ?? summaryOf(original);
  return el("button", { type: "button", class: "quote", "aria-label": t("message.jump", { who: senderOf(original), text: said }),
    on: { click: () => act.jump(original.message_id) } },
  el("span", { class: "quote-who", text: senderOf(original) }),
  el("span", { class: "quote-text", text: said }));
}

// No picture is fetched from anywhere: the address alone, when the bot asked for a preview by name.
function preview(message, act) {
  const options = message.link_preview_options;
  if (!options?.url || options.is_disabled) return null;
  return el("div", { class: "preview" }, link(options.url, [options.url], act));
}

function tools(message, outgoing, act) {
  const name = summaryOf(message).slice(0, 60);
  return el("div", { class: "message-tools" },
    el("button", { type: "button", class: "tool", title: t("message.reply"), "aria-label": t("message.reply_to", { text: name }), data: { place: "reply" }, on: { click: () => act.reply(message) } }, icon("reply")),
    outgoing && message.text !== undefined
      ? el("button", { type: "button", class: "tool", title: t("message.edit"), "aria-label": t("message.edit_this", { text: name }), data: { place: "edit" }, on: { click: () => act.edit(message) } }, icon("edit"))
      : null);
}

// A click that selected text, or that met a link or a button, is not a wish to reply.
function replyOnClick(event, message, act) {
  if (event.target.closest("a, button, audio, video")) return;
  if (!getSelection().isCollapsed) return;
  act.reply(message);
}

/** The name shown for the sender of a message. */
export function senderOf(message) {
  const person = message.from;
  return message.sim?.sender_name ?? ([person?.first_name, person?.last_name].filter(Boolean).join(" ") || message.sender_chat?.title || "");
}

const spoken = (message, zone) => t("message.spoken", { who: senderOf(message), time: clockTime(message.date, zone) });
