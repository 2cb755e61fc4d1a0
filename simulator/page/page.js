// The chat page: puts the panes together and decides which of them are on screen. At a desk: people,
// chats, conversation; side by side: two people at once; on a phone: one pane at a time.

import { readAddress, writeAddress } from "./address.js";
import { ClockBar } from "./clockbar.js";
import { el } from "./dom.js";
import { FaultsPanel } from "./faults.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { failed } from "./notices.js";
import { PeoplePane } from "./people.js";
import { Seat } from "./seat.js";
import { languages, loadWords, switchLanguage, t } from "./words.js";
import { World } from "./world.js";

const PHONE = matchMedia("(max-width: 719px)");
const NARROW = matchMedia("(max-width: 959px)");

class Desk {
  #active = 0;
  #beside = false;

  constructor(world) {
    this.world = world;
    this.seats = [new Seat(world, this, 0), new Seat(world, this, 1)];
    this.people = new PeoplePane(world, this);
    this.clock = new ClockBar(world, () => { for (const seat of this.seats) seat.draw(); });
    this.faults = new FaultsPanel(world);
    this.besideButton = el("button", { type: "button", class: "button beside-toggle", "aria-pressed": "false", title: t("beside.explained"), on: { click: () => this.#toggleBeside() } }, icon("beside"), el("span", { text: t("beside") }));
    this.main = el("main", { class: "desk" }, this.people.root, this.seats.map((seat) => seat.root));
    this.root = el("div", { class: "page", data: { pane: "people" } },
      el("header", { class: "bar" },
        el("div", { class: "brand" }, el("img", { src: "/page/icon.svg", alt: "", width: 28, height: 28 }), el("h1", { text: world.bot.first_name }), el("span", { class: "brand-bot", text: `@${world.bot.username}` })),
        this.clock.root,
        el("div", { class: "bar-end" }, this.besideButton, this.faults.root, languageMenu())),
      this.main);
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#follow());
    for (const width of [NARROW, PHONE]) width.addEventListener("change", () => this.#draw());
    world.addEventListener("people", () => this.#title());
  }

  /** Opens what the address names, or asks to choose a person. */
  async start() {
    document.body.append(this.root);
    await this.#follow();
    this.people.draw();
    this.clock.draw();
  }

  /** A person was chosen in the list: they take the active seat (or go to the one they have). */
  async choose(id) {
    const seated = this.seats.findIndex((seat, place) => seat.personId === id && (place === 0 || this.#beside));
    if (seated >= 0) this.activate(this.seats[seated]);
    const seat = this.seats[this.#active];
    this.root.dataset.pane = "chats";
    if (seated < 0) await seat.show(id);
    if (seat.chats.length <= 1) this.root.dataset.pane = "conversation";
    this.#draw();
    // who has begun to do something there meanwhile keeps their place
    if (!PHONE.matches && !seat.root.contains(document.activeElement)) seat.focusComposer();
  }

  async chooseBeside(id) {
    this.#beside = true;
    if (this.seats[0].personId === id) return this.activate(this.seats[0]);
    this.activate(this.seats[1]);
    this.#draw();
    if (this.seats[1].personId !== id) await this.seats[1].show(id);
    this.seats[1].focusComposer();
    return undefined;
  }

  activate(seat) {
    const place = this.seats.indexOf(seat);
    if (place === this.#active) return;
    this.#active = place;
    this.#draw();
  }

  /** A seat turned to another person or chat. */
  moved() {
    this.#draw();
  }

  /** A chat was chosen: on a phone the conversation comes to the front. */
  opened() {
    this.root.dataset.pane = "conversation";
  }

  back(seat, pane) {
    this.root.dataset.pane = pane === "chats" && seat.chats.length <= 1 ? "people" : pane;
    this.people.draw();
  }

  /** Ends side by side; who stays keeps the screen. */
  async close(seat) {
    const staying = this.seats[seat === this.seats[0] ? 1 : 0];
    const { personId, chatId } = staying;
    this.#beside = false;
    this.#active = 0;
    this.seats[1].leave();
    this.seats[1].personId = null;
    this.seats[1].chatId = null;
    if (staying === this.seats[1]) await this.seats[0].show(personId, chatId);
    this.#draw();
  }

  async #toggleBeside() {
    if (this.#beside) return this.close(this.seats[1]);
    this.#beside = true;
    this.#active = 1;
    const other = this.#counterpart();
    this.#draw();
    if (other) await this.seats[1].show(other.telegram_id);
    this.#draw();
    return undefined;
  }

  // Beside a borrower one most often wants a collector, beside staff a borrower.
  #counterpart() {
    const first = this.seats[0].person;
    const others = this.world.people.filter((person) => person.telegram_id !== first?.telegram_id);
    const role = first?.role === "borrower" ? "collector" : "borrower";
    return others.find((person) => person.role === role) ?? others[0] ?? null;
  }

  async #follow() {
    const { seats, beside } = readAddress();
    this.#beside = beside;
    const moves = this.seats.map((seat, place) => {
      const { person, chat } = place === 1 && !beside ? { person: null, chat: null } : seats[place];
      if (seat.personId === person && (chat === null || seat.chatId === chat)) return null;
      return person === null ? (seat.leave(), null) : seat.show(person, chat);
    });
    if (seats[0].person !== null) this.root.dataset.pane = "conversation";
    await Promise.all(moves);
    this.#draw();
  }

  #draw() {
    const beside = this.#beside && !NARROW.matches;
    this.main.classList.toggle("desk-beside", beside);
    this.main.classList.toggle("desk-tabs", beside || (NARROW.matches && !PHONE.matches));
    this.besideButton.setAttribute("aria-pressed", String(this.#beside));
    const shown = beside ? [0, 1] : [this.#active];
    this.seats.forEach((seat, place) => {
      seat.root.hidden = !shown.includes(place);
      seat.root.classList.toggle("seat-active", beside && place === this.#active);
    });
    writeAddress(this.#beside ? this.seats.map(selection) : [selection(this.seats[0])]);
    this.people.draw();
    this.clock.draw();
    this.#title();
  }

  #title() {
    const unread = this.world.people.reduce((sum, person) => sum + (person.unread ?? 0), 0);
    document.title = `${unread ? `(${unread}) ` : ""}${this.world.bot.first_name} · ${t("page.title")}`;
  }

  #key(event) {
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.root.dataset.pane = "people";
      this.people.search.focus();
    }
  }
}

const selection = (seat) => ({ person: seat.personId, chat: seat.chatId });

function languageMenu() {
  const { offered, current } = languages();
  const { host } = menuButton({ name: t("page.language"), mark: "language", label: offered[current], choices: () =>
    Object.entries(offered).map(([tag, name]) => ({ label: name, chosen: tag === current, run: () => switchLanguage(tag) })) });
  return host;
}

async function open() {
  await loadWords();
  const world = new World();
  try {
    await world.load();
  } catch (failure) {
    document.body.append(el("div", { class: "page-failed" }, el("h1", { text: t("failure.title") }), el("p", { text: t("failure.unreachable") }), el("button", { type: "button", class: "button button-primary", text: t("failure.again"), on: { click: () => location.reload() } })));
    failed(document.body, failure);
    return;
  }
  await new Desk(world).start();
}

await open();
