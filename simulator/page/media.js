// What a message carries besides text: photo, document, voice, location, sticker and the rest.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

const LARGEST = 320;

/** Nodes for everything in `message` that is not text, in the order Telegram shows it. */
export function mediaOf(message) {
  const url = message.sim?.media_url ?? null;
  if (message.photo) return [photo(message, url)];
  if (message.sticker) return [sticker(message.sticker, url)];
  if (message.voice) return [sound("voice", message.voice, url)];
  if (message.audio) return [sound("audio", message.audio, url)];
  if (message.video ?? message.animation ?? message.video_note) return [video(message, url)];
  if (message.document) return [document_(message.document, url)];
  if (message.venue) return [place(message.venue.location, `${message.venue.title}, ${message.venue.address}`)];
  if (message.location) return [place(message.location, null)];
  if (message.contact) return [contact(message.contact)];
  if (message.dice) return [el("p", { class: "media-big", text: `${message.dice.emoji} ${message.dice.value}` })];
  if (message.poll) return [poll(message.poll)];
  return [];
}

/** One line that stands for the message in lists and quotes: its text, or what it carries. */
export function summaryOf(message) {
  if (typeof message === "string") return message;
  const text = message?.text ?? message?.caption;
  if (text) return text.replace(/\s+/gu, " ").trim();
  const kind = KINDS.find((name) => message?.[name]);
  if (kind === "sticker") return `${message.sticker.emoji ?? ""} ${t("media.sticker")}`.trim();
  if (kind === "document") return message.document.file_name ?? t("media.document");
  return kind ? t(`media.${kind}`) : serviceText(message ?? {}) ?? "";
}

const KINDS = ["photo", "sticker", "voice", "audio", "video", "animation", "video_note", "document",
  "venue", "location", "contact", "dice", "poll"];

/** The grey line in the middle for an event of the chat itself, or null for a real message. */
export function serviceText(message) {
  const names = (users) => users.map((user) => [user.first_name, user.last_name].filter(Boolean).join(" ")).join(", ");
  const who = message.sim?.sender_name ?? message.from?.first_name ?? "";
  if (message.new_chat_members) return t("service.joined", { who: names(message.new_chat_members) });
  if (message.left_chat_member) return t("service.left", { who: names([message.left_chat_member]) });
  if (message.new_chat_title) return t("service.renamed", { who, title: message.new_chat_title });
  if (message.pinned_message) return t("service.pinned", { who, text: summaryOf(message.pinned_message) });
  if (message.group_chat_created || message.supergroup_chat_created) return t("service.created", { who });
  if (message.forum_topic_created) return t("service.topic", { title: message.forum_topic_created.name });
  if (message.forum_topic_edited) return t("service.topic_renamed", { title: message.forum_topic_edited.name ?? "" });
  if (message.forum_topic_closed) return t("service.topic_closed");
  if (message.forum_topic_reopened) return t("service.topic_reopened");
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("service.migrated");
  return null;
}

// The size is reserved before the picture arrives, so that nothing below it jumps.
function photo(message, url) {
  const size = message.photo.at(-1);
  const { width, height } = fitted(size.width || LARGEST, size.height || LARGEST);
  const style = { width: `${width}px`, "aspect-ratio": `${width} / ${height}` };
  if (!url) return el("div", { class: "media-missing", style }, icon("image"), t("media.photo"));
  const picture = el("img", { src: url, alt: message.caption ? "" : t("media.photo"), width, height, style, loading: "lazy" });
  const open = el("a", { class: "media-photo", href: url, target: "_blank", rel: "noopener", "aria-label": t("media.open_photo") }, picture);
  return message.has_media_spoiler ? coveredPhoto(open) : open;
}

function coveredPhoto(open) {
  open.classList.add("media-covered");
  open.addEventListener("click", (event) => {
    if (open.classList.replace("media-covered", "media-uncovered")) event.preventDefault();
  });
  return open;
}

function fitted(width, height) {
  const scale = Math.min(1, LARGEST / width, LARGEST / height);
  return { width: Math.max(96, Math.round(width * scale)), height: Math.max(64, Math.round(height * scale)) };
}

function sticker(value, url) {
  if (url) return el("img", { class: "media-sticker", src: url, alt: value.emoji ?? t("media.sticker"), width: 160, height: 160 });
  return el("p", { class: "media-big", text: value.emoji ?? t("media.sticker") });
}

function sound(kind, value, url) {
  const name = value.title ?? value.file_name ?? t(`media.${kind}`);
  return el("div", { class: "media-sound" },
    el("span", { class: "media-label" }, icon("voice"), `${name} · ${duration(value.duration)}`),
    url ? el("audio", { controls: true, preload: "none", src: url, "aria-label": name }) : null);
}

function video(message, url) {
  const value = message.video ?? message.animation ?? message.video_note;
  const { width, height } = fitted(value.width ?? value.length ?? LARGEST, value.height ?? value.length ?? LARGEST);
  if (!url) return el("div", { class: "media-missing", style: { width: `${width}px` } }, icon("image"), t("media.video"));
  return el("video", { class: "media-photo", src: url, controls: true, preload: "none", width, height, "aria-label": t("media.video") });
}

function document_(value, url) {
  const name = value.file_name ?? t("media.document");
  const body = [
    el("span", { class: "media-file-mark" }, icon("file")),
    el("span", { class: "media-file-text" },
      el("span", { class: "media-file-name", text: name }),
      el("span", { class: "media-file-size", text: bytes(value.file_size) })),
  ];
  if (!url) return el("div", { class: "media-file" }, body);
  return el("a", { class: "media-file", href: url, download: name, "aria-label": t("media.download", { name }) }, body);
}

function place(location, title) {
  const at = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
  return el("div", { class: "media-place" },
    el("span", { class: "media-file-mark" }, icon("pin")),
    el("span", { class: "media-file-text" },
      el("span", { class: "media-file-name", text: title ?? t("media.location") }),
      el("span", { class: "media-file-size", text: at })));
}

function contact(value) {
  const name = [value.first_name, value.last_name].filter(Boolean).join(" ");
  return el("div", { class: "media-file" },
    el("span", { class: "media-file-mark" }, icon("people")),
    el("span", { class: "media-file-text" },
      el("span", { class: "media-file-name", text: name }),
      el("span", { class: "media-file-size", text: value.phone_number })));
}

function poll(value) {
  return el("div", { class: "media-poll" }, el("strong", { text: value.question }),
    el("ul", {}, value.options.map((option) => el("li", { text: option.text }))));
}

function duration(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function bytes(size) {
  if (size === undefined || size === null) return "";
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
