// The two keyboards a bot can send: buttons under a bubble, and a keyboard in place of typing.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/**
 * The rows of buttons under `message`. `act.press(message, button, place)` is called for buttons
 * that the bot answers; `waiting` holds the places ("row:column") not answered yet.
 */
export function inlineKeyboard(message, act, waiting) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "inline-keyboard" }, rows.map((row, y) =>
    el("div", { class: "keyboard-row" }, row.map((button, x) =>
      inlineButton(message, button, `${y}:${x}`, act, waiting)))));
}

function inlineButton(message, button, place, act, waiting) {
  const busy = waiting.has(place);
  const label = el("span", { class: "key-label", text: button.text });
  const common = { class: `key ${tone(button)}`, data: { place } };
  if (button.url) {
    return el("a", { ...common, href: button.url, target: "_blank", rel: "noopener noreferrer",
      on: { click: (event) => { if (act.link(button.url)) event.preventDefault(); } } }, label, mark("external"));
  }
  return el("button", {
    ...common, type: "button", "aria-busy": busy ? "true" : null, disabled: usable(button) ? null : true,
    title: usable(button) ? null : t("keyboard.unsupported"),
    on: { click: () => { if (!waiting.has(place)) inlineAct(message, button, place, act); } },
  }, label, busy ? el("span", { class: "spinner", role: "img", "aria-label": t("keyboard.waiting") }) : null,
  button.copy_text ? mark("copy") : null);
}

const usable = (button) => button.callback_data !== undefined || button.copy_text
  || button.switch_inline_query_current_chat !== undefined;

function inlineAct(message, button, place, act) {
  if (button.callback_data !== undefined) act.press(message, button, place);
  else if (button.copy_text) act.copy(button.copy_text.text);
  else act.draft(button.switch_inline_query_current_chat);
}

const mark = (name) => el("span", { class: "key-mark" }, icon(name));

const tone = (button) => (["danger", "success", "primary"].includes(button.style) ? `key-${button.style}` : "");

/**
 * The reply keyboard in force after these messages, oldest first: the newest one sent and not
 * removed since, or null.
 */
export function replyKeyboardAfter(messages) {
  for (const message of messages.toReversed()) {
    const markup = message.sim?.keyboard;
    if (markup?.remove_keyboard) return null;
    if (markup?.keyboard) return { message, markup };
  }
  return null;
}

/** The newest message when it asks for a reply to itself, else null. */
export function forcedReplyAfter(messages) {
  const newest = messages.at(-1);
  return newest?.sim?.keyboard?.force_reply && !newest.own ? newest : null;
}

/** Buttons in place of typing; `choose(button)` gets the KeyboardButton that was chosen. */
export function replyKeyboard(markup, choose) {
  return el("div", { class: "reply-keyboard", role: "group", "aria-label": t("keyboard.reply") },
    markup.keyboard.map((row) => el("div", { class: "keyboard-row" }, row.map((raw) => {
      const button = typeof raw === "string" ? { text: raw } : raw;
      return el("button", { type: "button", class: `key ${tone(button)}`, on: { click: () => choose(button) } },
        el("span", { class: "key-label", text: button.text }));
    }))));
}
