// The topics of a chat as a row of buttons: everything, or one topic alone, as Telegram's apps have it.

import { el, reconcile } from "./dom.js";
import { t } from "./words.js";

export class Topics {
  #names = new Map(); // thread id -> name
  #fresh = new Set(); // threads with something not looked at yet
  chosen = null;

  /** `turned()` after another topic was chosen. */
  constructor(turned) {
    this.turned = turned;
    this.root = el("div", { class: "topics", role: "group", "aria-label": t("topics.title"), hidden: true });
  }

  clear() {
    this.#names.clear();
    this.#fresh.clear();
    this.chosen = null;
  }

  /** Something new came; what is in a topic nobody looks at is marked. */
  took(message) {
    const thread = message.message_thread_id;
    if (thread && !message.own && this.chosen !== thread) this.#fresh.add(thread);
  }

  /** Learns the names from `messages`, all of the chat, and returns those of the chosen topic. */
  among(messages) {
    this.#names = new Map();
    for (const message of messages) {
      const name = message.forum_topic_created?.name ?? message.forum_topic_edited?.name;
      if (name) this.#names.set(message.message_thread_id, name);
    }
    if (!this.#names.has(this.chosen)) this.chosen = null; // it was deleted
    this.#fresh.delete(this.chosen);
    this.#draw();
    return this.chosen === null ? messages : messages.filter((message) => message.message_thread_id === this.chosen);
  }

  #draw() {
    this.root.hidden = this.#names.size === 0;
    const rows = [[null, t("topics.all")], ...this.#names].map(([thread, name]) => ({
      key: `topic-${thread}`,
      signature: JSON.stringify([name, this.chosen === thread, this.#fresh.has(thread)]),
      build: () => el("button", { type: "button", class: `button topic ${this.#fresh.has(thread) ? "topic-fresh" : ""}`,
        "aria-pressed": String(this.chosen === thread), text: name, on: { click: () => this.#choose(thread) } }),
    }));
    reconcile(this.root, rows);
  }

  #choose(thread) {
    this.chosen = thread;
    this.turned();
  }
}
