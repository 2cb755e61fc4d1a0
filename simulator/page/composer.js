// Where the person writes: text, an attachment with a caption, a reply, a change of an own message,
// a command from the bot's list, a button of the reply keyboard.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { replyKeyboard } from "./keyboards.js";
import { summaryOf } from "./media.js";
import { menuButton } from "./menu.js";
import { senderOf } from "./message.js";
import { sampleReceipt } from "./receipt.js";
import { shownZone } from "./times.js";
import { t } from "./words.js";

const TELEGRAM_LIMIT = 4096;
const ACCEPTS = { photo: "image/*", document: "", voice: "audio/*" };

export class Composer {
  #drafts = new Map();
  #chat = null;
  #about = null; // {kind: "reply" | "edit", message}
  #attached = null; // {file, kind, url}
  #commands = [];
  #keyboard = null;
  #keyboardShown = true;

  /** `deeds`: `text`, `file`, `edit`, `lastOwn`, `person`, `now`; the first three return promises. */
  constructor(deeds) {
    this.deeds = deeds;
    this.field = el("textarea", {
      class: "composer-field", rows: "1", "aria-label": t("composer.field"), placeholder: t("composer.field"), "aria-autocomplete": "list",
      on: {
        input: () => this.#typed(), keydown: (event) => this.#key(event), paste: (event) => this.#pasted(event),
      },
    });
    this.picker = el("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-label": t("composer.file"), on: { change: () => this.#picked() } });
    this.aboutBar = el("div", { class: "composer-about" });
    this.suggestions = el("div", { class: "suggestions", role: "listbox", "aria-label": t("composer.commands"), hidden: true });
    this.keyboardHost = el("div", { class: "keyboard-host" });
    this.commandsMenu = menuButton({ name: t("composer.commands"), mark: "slash", side: "up", extra: "composer-commands", choices: () => this.#commandChoices() });
    this.attachMenu = menuButton({ name: t("composer.attach"), mark: "attach", side: "up", extra: "composer-attach", choices: () => this.#attachChoices() });
    this.keyboardToggle = el("button", { type: "button", class: "icon-button", "aria-label": t("keyboard.toggle"), title: t("keyboard.toggle"), on: { click: () => this.#toggleKeyboard() } }, icon("keyboard"));
    this.sendButton = el("button", { type: "button", class: "icon-button composer-send", "aria-label": t("composer.send"), title: t("composer.send"), on: { click: () => this.submit() } }, icon("send"));
    this.root = el("div", { class: "composer", on: { dragover: (event) => event.preventDefault(), drop: (event) => this.#dropped(event) } },
      this.suggestions, this.aboutBar,
      el("div", { class: "composer-row" }, this.commandsMenu.host, this.attachMenu.host, this.field, this.keyboardToggle, this.sendButton, this.picker),
      this.keyboardHost);
    // A hidden pane has no heights, and another width breaks the lines elsewhere.
    new ResizeObserver(() => requestAnimationFrame(() => this.#fit())).observe(this.field);
  }

  /** Turns to another chat: its draft comes back, a reply or change begun elsewhere is left. */
  turnTo(chat, commands) {
    if (this.#chat !== null) this.#drafts.set(this.#chat, this.field.value);
    this.#chat = chat;
    this.#commands = commands;
    this.#drop();
    this.field.value = this.#drafts.get(chat) ?? "";
    this.commandsMenu.host.hidden = commands.length === 0;
    this.#typed();
  }

  useCommands(commands) {
    this.#commands = commands;
    this.commandsMenu.host.hidden = commands.length === 0;
  }

  /** Shows the bot's reply keyboard (`{message, markup}`) or takes it away (null). */
  useKeyboard(keyboard) {
    const mark = keyboard ? `${this.#chat}:${keyboard.message.message_id}` : null;
    if (mark === this.keyboardMark) return;
    this.keyboardMark = mark;
    this.#keyboard = keyboard;
    this.#keyboardShown = true;
    this.field.placeholder = keyboard?.markup.input_field_placeholder ?? t("composer.field");
    this.#drawKeyboard();
  }

  reply(message) {
    this.#about = { kind: "reply", message };
    this.#drawAbout();
    this.field.focus();
  }

  edit(message) {
    this.#about = { kind: "edit", message };
    this.field.value = message.text;
    this.#drawAbout();
    this.#typed();
    this.field.focus();
  }

  /** Puts words into the field for the person to finish. */
  draft(text) {
    this.field.value = text;
    this.#typed();
    this.field.focus();
  }

  /** True when a reply, a change or an attachment was left; Escape does this first. */
  leave() {
    if (!this.#about && !this.#attached) return false;
    if (this.#about?.kind === "edit") this.field.value = "";
    this.#drop();
    this.#typed();
    return true;
  }

  async submit() {
    const text = this.field.value.trim();
    const about = this.#about;
    const attached = this.#attached;
    if (!text && !attached) return;
    this.field.value = "";
    this.#about = null;
    this.#attached = null;
    this.#drawAbout();
    this.#typed();
    this.field.focus();
    const done = await this.#deliver(text, about, attached);
    if (!done && !this.field.value) this.#restore(text, about, attached);
    else if (attached?.url) URL.revokeObjectURL(attached.url);
  }

  async #deliver(text, about, attached) {
    const replyTo = about?.kind === "reply" ? about.message.message_id : null;
    if (about?.kind === "edit") return this.deeds.edit(about.message, text);
    if (attached) return this.deeds.file(attached.file, attached.kind, text, replyTo);
    for (const [place, piece] of pieces(text).entries()) {
      if (!await this.deeds.text(piece, place === 0 ? replyTo : null)) return false;
    }
    return true;
  }

  #restore(text, about, attached) {
    this.field.value = text;
    this.#about = about;
    this.#attached = attached;
    this.#drawAbout();
    this.#typed();
  }

  #drop() {
    if (this.#attached?.url) URL.revokeObjectURL(this.#attached.url);
    this.#about = null;
    this.#attached = null;
    this.#drawAbout();
  }

  #drawAbout() {
    const cancel = el("button", { type: "button", class: "icon-button", "aria-label": t("composer.cancel"), title: t("composer.cancel"), on: { click: () => { this.leave(); this.field.focus(); } } }, icon("close"));
    const lines = [];
    if (this.#about) lines.push(this.#aboutLine(this.#about));
    if (this.#attached) lines.push(attachmentLine(this.#attached));
    this.aboutBar.replaceChildren(...(lines.length ? [el("div", { class: "composer-about-lines" }, lines), cancel] : []));
  }

  #aboutLine({ kind, message }) {
    const instead = kind === "reply" && message.own && message.text !== undefined
      ? el("button", { type: "button", class: "button button-quiet", text: t("composer.edit_instead"), on: { click: () => this.edit(message) } }) : null;
    return el("div", { class: "about-line" }, icon(kind === "reply" ? "reply" : "edit"),
      el("div", { class: "about-text" },
        el("span", { class: "about-who", text: kind === "reply" ? t("composer.replying", { who: senderOf(message) }) : t("composer.editing") }),
        el("span", { class: "about-said", text: summaryOf(message) })),
      instead);
  }

  // As high as its words.
  #fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
  }

  #typed() {
    this.#fit();
    this.sendButton.disabled = !this.field.value.trim() && !this.#attached;
    this.#suggest();
  }

  // The composition of a Chinese word also ends with Enter: that Enter must not send.
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (!this.suggestions.hidden && this.#suggestionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.leave()) {
      event.stopPropagation();
    } else if (event.key === "ArrowUp" && !this.field.value && !this.#about) {
      const own = this.deeds.lastOwn();
      if (own) { event.preventDefault(); this.edit(own); }
    }
  }

  #suggest() {
    const typed = /^\/\w*$/u.test(this.field.value) ? this.field.value.slice(1).toLowerCase() : null;
    const fitting = typed === null ? [] : this.#commands.filter(({ command }) => command.startsWith(typed) && command !== typed).slice(0, 8);
    this.suggestions.hidden = fitting.length === 0;
    this.suggestions.replaceChildren(...fitting.map(({ command, description }, place) =>
      el("button", { type: "button", role: "option", tabindex: "-1", class: "suggestion", "aria-selected": place === 0 ? "true" : "false", data: { command },
        on: { mousedown: (event) => event.preventDefault(), click: () => this.#sendCommand(command) } },
      el("span", { class: "suggestion-command", text: `/${command}` }), el("span", { class: "suggestion-words", text: description }))));
  }

  #suggestionKey(event) {
    const options = [...this.suggestions.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      options[at].setAttribute("aria-selected", "false");
      options[(at + move + options.length) % options.length].setAttribute("aria-selected", "true");
    } else if (event.key === "Tab") {
      this.draft(`/${options[at].dataset.command} `);
    } else if (event.key === "Enter" && this.field.value.length > 1) {
      this.#sendCommand(options[at].dataset.command);
    } else if (event.key === "Escape") {
      this.suggestions.hidden = true;
      event.stopPropagation();
    } else return false;
    event.preventDefault();
    return true;
  }

  #sendCommand(command) {
    this.field.value = `/${command}`;
    this.submit();
  }

  #commandChoices() {
    return this.#commands.map(({ command, description }) => ({ label: `/${command}`, hint: description, run: () => this.#sendCommand(command) }));
  }

  #attachChoices() {
    return [
      { label: t("attach.photo"), icon: "image", run: () => this.#pick("photo") },
      { label: t("attach.document"), icon: "file", run: () => this.#pick("document") },
      { label: t("attach.voice"), icon: "voice", run: () => this.#pick("voice") },
      { label: t("attach.sample"), hint: t("attach.sample_hint"), icon: "receipt", run: () => this.#sample() },
    ];
  }

  async #sample() {
    const person = this.deeds.person();
    this.attach(await sampleReceipt(person.name, this.deeds.now(), shownZone()), "photo");
  }

  #pick(kind) {
    this.picker.accept = ACCEPTS[kind];
    this.picker.dataset.kind = kind;
    this.picker.value = "";
    this.picker.click();
  }

  #picked() {
    const [file] = this.picker.files;
    if (file) this.attach(file, this.picker.dataset.kind ?? "document");
  }

  /** Holds a file until it is sent; the text then is its caption. */
  attach(file, kind) {
    if (this.#attached?.url) URL.revokeObjectURL(this.#attached.url);
    this.#attached = { file, kind, url: kind === "photo" ? URL.createObjectURL(file) : null };
    if (this.#about?.kind === "edit") this.#about = null;
    this.#drawAbout();
    this.#typed();
    this.field.focus();
  }

  #pasted(event) {
    const [file] = event.clipboardData?.files ?? [];
    if (!file) return;
    event.preventDefault();
    this.attach(file, kindOf(file));
  }

  #dropped(event) {
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    this.attach(file, kindOf(file));
  }

  #toggleKeyboard() {
    this.#keyboardShown = !this.#keyboardShown;
    this.#drawKeyboard();
  }

  #drawKeyboard() {
    const shown = this.#keyboard && this.#keyboardShown;
    this.keyboardToggle.hidden = !this.#keyboard;
    this.keyboardToggle.setAttribute("aria-expanded", String(Boolean(shown)));
    this.keyboardHost.replaceChildren(...(shown ? [replyKeyboard(this.#keyboard.markup, (button) => this.#chose(button))] : []));
  }

  async #chose(button) {
    if (this.#keyboard.markup.one_time_keyboard) this.#toggleKeyboard();
    await this.deeds.text(button.text, null);
  }
}

function attachmentLine({ file, kind, url }) {
  return el("div", { class: "about-line" },
    url ? el("img", { class: "about-thumb", src: url, alt: "" }) : icon(kind === "voice" ? "voice" : "file"),
    el("div", { class: "about-text" },
      el("span", { class: "about-who", text: t(`attach.ready_${kind}`) }),
      el("span", { class: "about-said", text: file.name })));
}

function kindOf(file) {
  if (file.type.startsWith("image/")) return "photo";
  return file.type.startsWith("audio/") ? "voice" : "document";
}

/** Cuts words as Telegram's clients do: at most 4,096 characters each, at a line or a space. */
export function pieces(text) {
  const cut = [];
  let rest = text;
  while (rest.length > TELEGRAM_LIMIT) {
    const head = rest.slice(0, TELEGRAM_LIMIT);
    const line = head.lastIndexOf("\n");
    const space = head.lastIndexOf(" ");
    const at = line > TELEGRAM_LIMIT / 2 ? line : space > TELEGRAM_LIMIT / 2 ? space : whole(head);
    cut.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return rest ? [...cut, rest] : cut;
}

// Never between the two halves of a character outside the basic plane.
const whole = (head) => (/[\uD800-\uDBFF]$/u.test(head) ? head.length - 1 : head.length);
