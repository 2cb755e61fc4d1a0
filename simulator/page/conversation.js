// One chat as one person sees it: the bubbles, what is pressed, what is new, and where it scrolls.

import * as api from "./api.js";
import { el, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { forcedReplyAfter, replyKeyboardAfter } from "./keyboards.js";
import { serviceText } from "./media.js";
import { dayRow, messageRow, serviceRow } from "./message.js";
import { alertBox, failed, toast } from "./notices.js";
import { dayKey, shownZone } from "./times.js";
import { Topics } from "./topics.js";
import { t } from "./words.js";

const SHOWN_AT_FIRST = 120;
const RUN_SECONDS = 300;
const ANSWER_POLL_MS = 1000;
const ANSWER_GIVEN_UP_MS = 30000;
const NEAR_BOTTOM_PX = 48;

export class Conversation {
  #messages = new Map();
  #lastSeq = 0;
  #shown = SHOWN_AT_FIRST;
  #waiting = new Map(); // message id -> Set of button places
  #answers = new Map(); // query id -> resolve
  #reading = null;
  #readAgain = false;
  #unseen = 0;
  #atBottom = true;
  #scrolledTo = 0;
  #visit = 0;
  person = null;
  chat = null;

  /** `seat` offers `reply, edit, command, link, draft, changed` for what a bubble starts. */
  constructor(world, seat) {
    this.world = world;
    this.seat = seat;
    this.list = el("div", { class: "messages", role: "log", "aria-live": "polite", "aria-label": t("conversation.messages") });
    this.empty = el("p", { class: "empty", hidden: true });
    this.earlier = el("button", { type: "button", class: "button earlier", text: t("conversation.earlier"), hidden: true, on: { click: () => this.#showEarlier() } });
    this.scroller = el("div", { class: "scroller", tabindex: "0", "aria-label": t("conversation.messages"), on: { scroll: () => this.#scrolled() } }, this.earlier, this.list, this.empty);
    this.toBottom = el("button", { type: "button", class: "to-bottom", hidden: true, "aria-label": t("conversation.newest"), on: { click: () => this.#bottom() } }, icon("down"), el("span", { class: "badge", hidden: true }));
    this.topics = new Topics(() => this.#turned());
    this.root = el("div", { class: "conversation-body" }, this.topics.root, this.scroller, this.toBottom);
    this.act = {
      reply: (message) => seat.reply(message), edit: (message) => seat.edit(message),
      command: (text) => seat.command(text), link: (url) => seat.link(url), draft: (text) => seat.draft(text),
      press: (message, button, place) => this.#press(message, button, place),
      jump: (id) => this.#jump(id), copy: (text) => this.#copy(text),
    };
    const resized = new ResizeObserver(() => { if (this.#atBottom) this.#bottom(); });
    for (const part of [this.scroller, this.list]) resized.observe(part);
  }

  /** Turns to `chat` of `person`; resolves when its messages are on screen. */
  async open(person, chat) {
    this.#visit += 1;
    this.person = person;
    this.chat = chat;
    this.#messages.clear();
    this.#waiting.clear();
    this.topics.clear();
    this.#lastSeq = 0;
    this.#shown = SHOWN_AT_FIRST;
    this.#unseen = 0;
    this.#atBottom = true;
    this.#reading = null;
    this.list.replaceChildren();
    this.empty.hidden = true;
    if (chat) await this.refresh();
  }

  /** Reads what changed since the last reading; wishes that come meanwhile are one more reading. */
  refresh() {
    if (!this.chat) return Promise.resolve();
    if (this.#reading) {
      this.#readAgain = true;
      return this.#reading;
    }
    const visit = this.#visit;
    const reading = this.#read(visit).finally(() => { if (this.#reading === reading) this.#reading = null; });
    this.#reading = reading;
    return reading;
  }

  async #read(visit) {
    do {
      this.#readAgain = false;
      const fresh = await api.messages(this.chat.chat_id, this.person.telegram_id, this.#lastSeq);
      if (visit !== this.#visit) return;
      for (const message of fresh) this.#take(message);
      this.draw();
    } while (this.#readAgain && visit === this.#visit);
  }

  #take(message) {
    const known = this.#messages.has(message.message_id);
    message.own = message.sim?.sender_id === this.person.telegram_id;
    this.#lastSeq = Math.max(this.#lastSeq, message.sim?.seq ?? 0);
    if (!known && message.own) this.#atBottom = true; // who writes looks at what comes of it
    if (!known && !message.own && !this.#atBottom) this.#unseen += 1;
    if (!known) this.topics.took(message);
    if (message.sim?.deleted) this.#messages.delete(message.message_id);
    else this.#messages.set(message.message_id, message);
  }

  /** The answer to a press arrived by the stream. */
  answered(query, answer) {
    this.#answers.get(String(query))?.(answer);
  }

  /** The topic in which an answer to `replyTo`, or to nothing, belongs; null: none. */
  threadFor(replyTo) {
    return this.topics.chosen ?? this.#messages.get(replyTo)?.message_thread_id ?? null;
  }

  #turned() {
    this.#shown = SHOWN_AT_FIRST;
    this.#atBottom = true;
    this.draw();
  }

  /** The newest own text message, for Arrow Up. */
  lastOwn() {
    return this.#ordered().findLast((message) => message.own && message.text !== undefined) ?? null;
  }

  #ordered() {
    return [...this.#messages.values()].toSorted((a, b) => a.message_id - b.message_id);
  }

  /** Brings the screen to what is known; at the bottom it stays at the bottom. */
  draw() {
    if (!this.chat) return;
    const all = this.topics.among(this.#ordered());
    const shown = all.slice(-this.#shown);
    this.earlier.hidden = shown.length === all.length;
    reconcile(this.list, this.#rows(shown));
    this.empty.hidden = all.length > 0;
    this.empty.textContent = this.seat.emptyWords();
    if (this.#atBottom) this.#bottom();
    this.#drawToBottom();
    this.seat.changed(replyKeyboardAfter(all), forcedReplyAfter(all));
  }

  #rows(messages) {
    const zone = shownZone();
    const now = this.world.now();
    const rows = [];
    let day = null;
    const groups = albums(messages);
    groups.forEach((parts, place) => {
      const [message] = parts;
      const today = dayKey(message.date, zone);
      if (today !== day) rows.push({ key: `day-${today}`, signature: `${today} ${dayKey(now ?? 0, zone)}`, build: () => dayRow(message.date, zone, now) });
      day = today;
      rows.push(this.#row(parts, groups[place - 1], groups[place + 1], zone));
    });
    return rows;
  }

  #row(parts, before, after, zone) {
    const [message] = parts;
    const key = `message-${message.message_id}`;
    if (serviceText(message)) return { key, signature: JSON.stringify(message), build: () => serviceRow(message) };
    const view = {
      zone, act: this.act, group: this.chat.type !== "private",
      starts: !oneRun(before, parts, zone), ends: !oneRun(parts, after, zone),
      waiting: this.#waiting.get(message.message_id) ?? new Set(),
    };
    const signature = JSON.stringify([parts, zone, view.starts, view.ends, [...view.waiting]]);
    return { key, signature, build: () => messageRow(parts, view) };
  }

  async #press(message, button, place) {
    const { person, chat } = this;
    this.#wait(message, place, true);
    try {
      const { query_id: query } = await api.press(person.telegram_id, chat.chat_id, message.message_id, button.callback_data);
      this.#show(await this.#answerOf(person, String(query)));
    } catch (failure) {
      failed(this.root, failure);
    } finally {
      this.#wait(message, place, false);
      this.refresh().catch(() => {});
    }
  }

  // The stream brings the answer at once; asking as well covers a stream that was cut meanwhile.
  async #answerOf(person, query) {
    let done = false;
    const streamed = new Promise((resolve) => this.#answers.set(query, resolve));
    const asked = async () => {
      const until = performance.now() + ANSWER_GIVEN_UP_MS;
      while (!done && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, ANSWER_POLL_MS));
        const state = done ? null : await api.pressAnswer(person.telegram_id, query);
        if (state?.answered || state?.expired) return state;
      }
      return null;
    };
    try {
      return await Promise.race([streamed, asked()]);
    } finally {
      done = true;
      this.#answers.delete(query);
    }
  }

  #show(answer) {
    if (answer === null || answer.expired) toast(this.root, t("press.unanswered"), { failure: true });
    else if (answer.url && this.seat.link(answer.url)) return;
    else if (answer.text && answer.show_alert) alertBox(this.chat.title ?? "", answer.text);
    else if (answer.text) toast(this.root, answer.text);
  }

  #wait(message, place, waits) {
    const places = new Set(this.#waiting.get(message.message_id));
    if (waits) places.add(place);
    else places.delete(place);
    this.#waiting.set(message.message_id, places);
    this.draw();
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(this.root, t("press.copied"));
    } catch {
      toast(this.root, t("press.not_copied", { text }), { failure: true });
    }
  }

  #jump(id) {
    const order = this.#ordered().findIndex((message) => message.message_id === id);
    if (order < 0) return toast(this.root, t("conversation.gone"));
    this.#shown = Math.max(this.#shown, this.#messages.size - order);
    this.draw();
    const target = this.list.querySelector(`[data-message="${id}"]`);
    target?.scrollIntoView({ block: "center" });
    target?.classList.add("message-found");
    setTimeout(() => target?.classList.remove("message-found"), 1500);
    return undefined;
  }

  #showEarlier() {
    const height = this.scroller.scrollHeight;
    this.#shown += SHOWN_AT_FIRST;
    this.#atBottom = false;
    this.draw();
    this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    // Only somebody who scrolls up leaves the bottom; what grows below them moves nobody.
    if (near || scrollTop < this.#scrolledTo) this.#atBottom = near;
    this.#scrolledTo = scrollTop;
    if (this.#atBottom) this.#unseen = 0;
    this.#drawToBottom();
  }

  #bottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#unseen = 0;
    this.#atBottom = true;
  }

  #drawToBottom() {
    this.toBottom.hidden = this.#atBottom;
    const badge = this.toBottom.lastElementChild;
    badge.hidden = this.#unseen === 0;
    badge.textContent = String(this.#unseen);
  }
}

// Messages of one album come as one item, everything else alone.
function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function oneRun(first, second, zone) {
  if (!first || !second) return false;
  const [a, b] = [first.at(-1), second[0]];
  return (a.from?.id ?? 0) === (b.from?.id ?? 0) && b.date - a.date < RUN_SECONDS && !serviceText(a) && !serviceText(b)
    && dayKey(a.date, zone) === dayKey(b.date, zone);
}
