// One person's place at the table: who they are, their chats, the open conversation, and the stream
// of what happens before their eyes. Two seats side by side are two people at once.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, el, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { summaryOf } from "./media.js";
import { menuButton } from "./menu.js";
import { failed, toast } from "./notices.js";
import { briefTime, shownZone } from "./times.js";
import { has, languages, t } from "./words.js";

const STREAM_EVENTS = ["message", "edit", "delete", "answer", "clock", "people", "faults", "chats"];

export class Seat {
  #stream = null;
  #visit = 0;
  #commands = [];
  #forced = null;
  chats = [];
  personId = null;
  chatId = null;

  /** `desk`: `moved(seat, pane)` after a selection, `back(seat)`, `activate(seat)`, `close(seat)`. */
  constructor(world, desk, place) {
    this.world = world;
    this.desk = desk;
    this.conversation = new Conversation(world, this);
    this.composer = new Composer({
      text: (text, replyTo) => this.#deliver(() => api.sendText(this.personId, this.chatId, text, replyTo, this.conversation.threadFor(replyTo))),
      file: (file, kind, caption, replyTo) => this.#deliver(() => api.sendFile(this.personId, this.chatId, file, kind, caption, replyTo, this.conversation.threadFor(replyTo))),
      edit: (message, text) => this.#deliver(() => api.editText(this.personId, this.chatId, message.message_id, text)),
      lastOwn: () => this.conversation.lastOwn(),
      person: () => this.person,
      now: () => this.world.now() ?? Date.now() / 1000,
    });
    this.card = el("header", { class: "person-card" });
    this.chatList = el("div", { class: "chat-list", role: "list", "aria-label": t("chats.title") });
    this.head = el("header", { class: "conversation-head" });
    this.foot = el("div", { class: "conversation-foot" });
    this.root = el("section", { class: "seat", data: { place }, on: { pointerdown: () => desk.activate(this), focusin: () => desk.activate(this) } },
      el("nav", { class: "pane chats", "aria-label": t("chats.title") }, this.card, this.chatList),
      el("section", { class: "pane conversation" }, this.head, this.conversation.root, this.foot));
    world.addEventListener("people", () => this.#drawPerson());
    this.#drawPerson();
    this.#drawConversation();
  }

  get person() {
    return this.world.person(this.personId);
  }

  get chat() {
    return this.chats.find((chat) => chat.chat_id === this.chatId) ?? null;
  }

  /** Shows a person, and of their chats the wanted one, or the only one, or the first. */
  async show(personId, chatId = null) {
    const visit = ++this.#visit;
    this.personId = personId;
    this.chatId = null;
    this.chats = [];
    this.#listen();
    this.#drawPerson();
    if (!this.person) {
      await this.conversation.open(null, null);
      this.#drawConversation();
      return;
    }
    try {
      const [chats, commands] = await Promise.all([api.chats(personId), api.commands(personId).catch(() => [])]);
      if (visit !== this.#visit) return;
      this.#commands = commands;
      this.chats = this.#withBot(chats);
      if (this.chatId !== null) { // a chat was chosen meanwhile
        this.composer.turnTo(`${personId}:${this.chatId}`, this.chat?.type === "private" ? commands : []);
        return;
      }
      const wanted = this.chats.find((chat) => chat.chat_id === chatId) ?? this.chats[0];
      await this.openChat(wanted.chat_id);
    } catch (failure) {
      failed(this.conversation.root, failure);
    }
  }

  async openChat(chatId) {
    this.chatId = chatId;
    this.#forced = null;
    this.#drawChats();
    this.composer.turnTo(`${this.personId}:${chatId}`, this.chat?.type === "private" ? this.#commands : []);
    this.#drawConversation();
    this.desk.moved(this);
    try {
      await this.conversation.open(this.person, this.chat);
      await this.#refreshChats();
    } catch (failure) {
      failed(this.conversation.root, failure);
    }
  }

  /** Draws everything anew, for another zone of all times. */
  draw() {
    this.#drawChats();
    this.conversation.draw();
  }

  /** Frees the stream; the seat can be shown again. */
  leave() {
    this.#visit += 1;
    this.#stream?.close();
    this.#stream = null;
  }

  focusComposer() {
    if (this.composer.root.isConnected) this.composer.field.focus();
    else this.foot.querySelector("button")?.focus();
  }

  // What a bubble may start.
  reply(message) { if (this.composer.root.isConnected) this.composer.reply(message); }
  edit(message) { if (this.composer.root.isConnected) this.composer.edit(message); }
  draft(text) { this.composer.draft(text ? `@${this.world.bot.username} ${text}` : `@${this.world.bot.username} `); }
  command(text) { return this.#deliver(() => api.sendText(this.personId, this.chatId, text, null, this.conversation.threadFor(null))); }

  /** Takes a link to the bot as Telegram does: opens its chat, and with a token starts it. */
  link(url) {
    const start = startToken(url, this.world.bot.username);
    if (start === null) return false;
    this.#openBot(start);
    return true;
  }

  /** After each drawing of the conversation: the keyboard and the reply that the bot asks for. */
  changed(keyboard, forced) {
    this.composer.useKeyboard(keyboard);
    if (forced && forced.message_id !== this.#forced && this.composer.root.isConnected) this.composer.reply(forced);
    this.#forced = forced?.message_id ?? null;
  }

  emptyWords() {
    if (this.chat?.type !== "private") return t("conversation.empty_group");
    if (this.person?.started) return t("conversation.empty");
    return this.person?.link ? t("conversation.start_link", { name: this.person.name }) : t("conversation.start_plain");
  }

  async #openBot(token) {
    if (this.chatId !== this.personId) await this.openChat(this.personId);
    await this.#deliver(() => api.sendText(this.personId, this.personId, token ? `/start ${token}` : "/start"));
  }

  async #deliver(deed) {
    try {
      await deed();
      await this.conversation.refresh();
      this.world.refreshPeople().catch(() => {});
      return true;
    } catch (failure) {
      failed(this.conversation.root, failure);
      return false;
    }
  }

  async #block(blocked) {
    try {
      await api.block(this.personId, blocked);
      await this.world.refreshPeople();
    } catch (failure) {
      failed(this.conversation.root, failure);
    }
  }

  #listen() {
    this.#stream?.close();
    this.#stream = this.personId === null ? null : api.events(this.personId);
    if (!this.#stream) return;
    for (const name of STREAM_EVENTS) this.#stream.addEventListener(name, (event) => this.#happened(name, parsed(event.data)));
    this.#stream.addEventListener("open", () => this.#caughtUp());
    this.#stream.addEventListener("error", () => this.root.classList.add("seat-cut"));
  }

  // The stream tells nothing of what happened before it stood: that is read again, and after a cut
  // everything is.
  #caughtUp() {
    this.conversation.refresh().catch(() => {});
    this.#refreshChats().catch(() => {});
    if (!this.root.classList.contains("seat-cut")) return;
    this.root.classList.remove("seat-cut");
    this.world.refreshPeople().catch(() => {});
    this.world.refreshClock().catch(() => {});
  }

  #happened(name, data) {
    const kind = data.type ?? data.kind ?? name;
    if (kind === "answer") this.conversation.answered(data.query_id, data);
    else if (kind === "clock") this.world.tookClock(data.now ? data : { now: data.at });
    else if (kind === "faults") this.world.refreshFaults().catch(() => {});
    else if (kind === "people") this.world.refreshPeople().catch(() => {});
    else this.#wrote(data);
  }

  #wrote(data) {
    if (data.chat_id === this.chatId) this.conversation.refresh().catch(() => {});
    this.#refreshChats().catch(() => {});
    this.world.refreshPeople().catch(() => {});
  }

  async #refreshChats() {
    const visit = this.#visit;
    const chats = await api.chats(this.personId);
    if (visit !== this.#visit) return;
    this.chats = this.#withBot(chats);
    this.#drawChats();
  }

  // Before anything was said the bot's chat exists only as the place where one presses Start.
  #withBot(chats) {
    if (chats.some((chat) => chat.chat_id === this.personId)) return chats;
    return [{ chat_id: this.personId, type: "private", title: this.world.bot.first_name, last_message: null, unread: 0 }, ...chats];
  }

  #drawPerson() {
    const { person } = this;
    this.root.setAttribute("aria-label", person?.name ?? t("seat.nobody"));
    if (!person) {
      reconcile(this.card, [
        { key: "back", signature: "", build: () => this.#back("people") },
        { key: "empty", signature: "", build: () => el("p", { class: "card-empty", text: t("seat.choose") }) },
        { key: "close", signature: "", build: () => this.#closeButton() },
      ]);
      this.chatList.replaceChildren();
      return;
    }
    const note = noteOn(person);
    const facts = [roleName(person.role), person.borrower_ref, `ID ${person.telegram_id}`].filter(Boolean).join(" · ");
    // row by row: a menu that is open stays open while others come and go
    reconcile(this.card, [
      { key: "back", signature: "", build: () => this.#back("people") },
      { key: "avatar", signature: JSON.stringify([person.name, person.telegram_id]), build: () => avatar(person.name, person.telegram_id) },
      { key: "text", signature: JSON.stringify([person.name, facts, note]), build: () => el("div", { class: "card-text" },
        el("h2", { class: "card-name", text: person.name }),
        el("p", { class: "card-facts", text: facts, title: facts }),
        note ? el("p", { class: "card-note", text: note }) : null) },
      { key: "more", signature: JSON.stringify([person.telegram_id, person.blocked, person.link]), build: () => el("span", { class: "card-more" }, this.#more(person)) },
      { key: "close", signature: "", build: () => this.#closeButton() },
    ]);
    this.#drawConversation();
  }

  #drawChats() {
    const zone = shownZone();
    const now = this.world.now();
    reconcile(this.chatList, this.chats.map((chat) => ({
      key: `chat-${chat.chat_id}`,
      signature: JSON.stringify([chat, chat.chat_id === this.chatId, zone, now && briefDay(now)]),
      build: () => this.#chatRow(chat, zone, now),
    })));
  }

  #chatRow(chat, zone, now) {
    const last = chat.last_message;
    const selected = chat.chat_id === this.chatId;
    const unread = selected ? 0 : chat.unread ?? 0;
    return el("div", { role: "listitem", class: "chat-item" },
      el("button", { type: "button", class: "chat-row", "aria-current": selected ? "true" : null, data: { place: "open" },
        "aria-label": unread ? `${chat.title}, ${t("unread", { count: unread })}` : chat.title,
        on: { click: () => this.#chose(chat.chat_id) } },
      avatar(chat.title, chat.chat_id),
      el("span", { class: "chat-text" },
        el("span", { class: "chat-title", text: chat.title }),
        el("span", { class: "chat-last", text: last ? summaryOf(last) : t("chats.nothing_yet") })),
      el("span", { class: "chat-side" },
        el("span", { class: "chat-time", text: last?.date ? briefTime(last.date, zone, now) : "" }),
        badge(unread))));
  }

  async #chose(chatId) {
    this.desk.opened(this);
    await this.openChat(chatId);
  }

  #drawConversation() {
    const { person, chat } = this;
    if (!person || !chat) {
      this.head.replaceChildren();
      this.head.hidden = true;
      this.foot.replaceChildren();
      this.conversation.empty.hidden = false;
      this.conversation.empty.textContent = t("conversation.choose");
      return;
    }
    this.head.hidden = false;
    const subtitle = chat.type === "private" ? t("conversation.bot", { username: this.world.bot.username }) : t("conversation.group");
    reconcile(this.head, [
      { key: "back", signature: "back", build: () => this.#back("chats") },
      { key: "title", signature: JSON.stringify([chat.title, subtitle]), build: () => el("div", { class: "head-title" },
        avatar(chat.title, chat.chat_id), el("div", { class: "card-text" }, el("h3", { class: "card-name", text: chat.title }), el("p", { class: "card-facts", text: subtitle }))) },
      { key: "more", signature: JSON.stringify([person.telegram_id, person.blocked, person.link, chat.chat_id]), build: () => (chat.type === "private" ? this.#more(person) : el("span")) },
    ]);
    this.#drawFoot(person, chat);
  }

  // What concerns the person and the bot; in the head of their chat, or beside the name when there is
  // no room for a head.
  #more(person) {
    return menuButton({ name: t("conversation.more"), mark: "more", extra: "conversation-more", choices: () => [
      person.link ? { label: t("link.open"), hint: t("link.open_hint", { name: person.name }), icon: "link", run: () => this.link(person.link) || this.#openBot(tokenIn(person.link)) } : null,
      person.link ? { label: t("link.copy"), icon: "copy", run: () => this.#copyLink(person.link) } : null,
      person.blocked
        ? { label: t("block.undo"), hint: t("block.undo_hint"), icon: "unblock", run: () => this.#block(false) }
        : { label: t("block.do"), hint: t("block.do_hint"), icon: "block", danger: true, run: () => this.#block(true) },
    ].filter(Boolean) }).host;
  }

  async #copyLink(link) {
    await navigator.clipboard.writeText(link).then(() => toast(this.conversation.root, t("press.copied")), () => toast(this.conversation.root, link));
  }

  #drawFoot(person, chat) {
    const state = chat.type !== "private" ? "write" : person.blocked ? "blocked" : person.started ? "write" : "start";
    if (this.foot.dataset.state === `${state} ${person.telegram_id}`) return;
    this.foot.dataset.state = `${state} ${person.telegram_id}`;
    if (state === "write") this.foot.replaceChildren(this.composer.root);
    else if (state === "blocked") this.foot.replaceChildren(wide(t("block.undo"), t("block.explained", { name: person.name }), () => this.#block(false)));
    else this.foot.replaceChildren(wide(t("start"), [person.link ? t("start.link", { name: person.name }) : t("start.plain"), noteOn(person)].filter(Boolean).join("\n"), () => this.#openBot(person.link ? tokenIn(person.link) : "")));
    if (chat) this.conversation.draw();
  }

  #back(pane) {
    return el("button", { type: "button", class: "icon-button back", "aria-label": t(`back.${pane}`), title: t(`back.${pane}`), on: { click: () => this.desk.back(this, pane) } }, icon("back"));
  }

  #closeButton() {
    return el("button", { type: "button", class: "icon-button seat-close", "aria-label": t("seat.close"), title: t("seat.close"), on: { click: () => this.desk.close(this) } }, icon("close"));
  }
}

/** The role in the page's words; a role it has no words for shows as it is. */
export function roleName(role) {
  return has(`role.${role}`) ? t(`role.${role}`) : role;
}

/** What the stage tells its visitors about a person, in the page's language where it has it. */
export function noteOn(person) {
  const notes = person.note ?? {};
  return notes[languages().current] ?? notes.en ?? Object.values(notes)[0] ?? "";
}

/** The round count of what was not read; its place stays when it is empty. */
export function badge(count) {
  return el("span", { class: "badge", hidden: count === 0, "aria-hidden": "true", text: count > 99 ? "99+" : String(count) });
}

function wide(label, explained, run) {
  return el("div", { class: "foot-wide" },
    el("p", { text: explained }),
    el("button", { type: "button", class: "button button-primary button-wide", text: label, on: { click: run } }));
}

const briefDay = (now) => Math.floor(now / 86400);

/** The token of a link to this bot ("" without one), or null when the link leads elsewhere. */
export function startToken(url, username) {
  let address;
  try { address = new URL(url); } catch { return null; }
  const name = address.protocol === "tg:" ? address.searchParams.get("domain") : address.pathname.slice(1);
  const telegrams = address.protocol === "tg:" || ["t.me", "telegram.me"].includes(address.hostname);
  if (!telegrams || name?.toLowerCase() !== username?.toLowerCase()) return null;
  return address.searchParams.get("start") ?? "";
}

// The person's own link counts wherever it points: the simulator may serve it from its own address.
function tokenIn(link) {
  try { return new URL(link).searchParams.get("start") ?? ""; } catch { return link; }
}

function parsed(data) {
  try { return JSON.parse(data) ?? {}; } catch { return {}; }
}
