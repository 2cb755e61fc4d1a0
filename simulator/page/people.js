// The list of everybody one can be, grouped by role, with what waits for them.

import { avatar, el, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { badge, roleName } from "./seat.js";
import { has, t } from "./words.js";

const ROLE_ORDER = ["borrower", "collector", "supervisor", "admin", "compliance", "auditor"];

export class PeoplePane {
  /** `desk`: `seats` on screen, `choose(id)`, `chooseBeside(id)`. */
  constructor(world, desk) {
    this.world = world;
    this.desk = desk;
    this.search = el("input", { type: "search", class: "search-field", placeholder: t("people.search"), "aria-label": t("people.search"), autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
      on: { input: () => this.draw(), keydown: (event) => this.#searchKey(event) } });
    this.list = el("div", { class: "people-list", on: { keydown: (event) => this.#steer(event) } });
    this.none = el("p", { class: "empty", hidden: true });
    this.root = el("nav", { class: "pane people", "aria-label": t("people.title") },
      el("div", { class: "search" }, icon("search"), this.search, el("kbd", { class: "search-key", "aria-hidden": "true", text: "/" })),
      this.list, this.none);
    world.addEventListener("people", () => this.draw());
  }

  draw() {
    const wanted = this.search.value.trim().toLowerCase();
    const fitting = this.world.people.filter((person) => !wanted || searchable(person).includes(wanted));
    const rows = [];
    for (const [role, people] of byRole(fitting)) {
      rows.push({ key: `role-${role}`, signature: `${role} ${people.length}`, build: () => el("h2", { class: "people-role", text: groupName(role) }) });
      for (const person of people) rows.push(this.#row(person));
    }
    reconcile(this.list, rows);
    this.#keepOneTabStop();
    this.none.hidden = fitting.length > 0;
    this.none.textContent = wanted ? t("people.none_found", { text: this.search.value.trim() }) : t("people.none");
  }

  #row(person) {
    const places = this.desk.seats.map((seat, place) => (seat.personId === person.telegram_id ? place : -1)).filter((place) => place >= 0);
    const signature = JSON.stringify([person, places]);
    return { key: `person-${person.telegram_id}`, signature, build: () => this.#build(person, places) };
  }

  #build(person, places) {
    const state = person.blocked ? t("person.blocked") : person.started ? "" : t("person.not_started");
    const detail = [person.borrower_ref, state].filter(Boolean).join(" · ");
    const unread = person.unread ?? 0;
    const spoken = [person.name, roleName(person.role), languageName(person.language), state, unread ? t("unread", { count: unread }) : ""].filter(Boolean).join(", ");
    return el("div", { class: `person-item ${places.length ? "person-shown" : ""}`, data: { person: person.telegram_id } },
      el("button", { type: "button", class: "person-row", "aria-label": spoken, "aria-current": places.length ? "true" : null, data: { place: "choose" }, tabindex: "-1",
        on: { click: () => this.desk.choose(person.telegram_id) } },
      avatar(person.name, person.telegram_id),
      el("span", { class: "person-text" },
        el("span", { class: "person-name", text: person.name }),
        el("span", { class: "person-detail" }, el("span", { class: "language-chip", text: languageName(person.language) }), detail)),
      badge(unread)),
      el("button", { type: "button", class: "icon-button person-beside", "aria-label": t("people.beside", { name: person.name }), title: t("people.beside", { name: person.name }), data: { place: "beside" },
        on: { click: () => this.desk.chooseBeside(person.telegram_id) } }, icon("beside")));
  }

  // The whole list is one stop of the Tab key; arrows move inside it.
  #keepOneTabStop() {
    const rows = this.#rows();
    const focused = rows.indexOf(document.activeElement);
    const current = rows.findIndex((row) => row.getAttribute("aria-current"));
    const stop = focused >= 0 ? focused : Math.max(current, 0);
    rows.forEach((row, place) => { row.tabIndex = place === stop ? 0 : -1; });
  }

  #rows() {
    return [...this.list.querySelectorAll(".person-row")];
  }

  #steer(event) {
    const rows = this.#rows();
    const at = rows.indexOf(event.target.closest(".person-item")?.querySelector(".person-row"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (to < 0) return void this.search.focus();
    rows[Math.min(to, rows.length - 1)].focus();
    this.#keepOneTabStop();
    return undefined;
  }

  #searchKey(event) {
    const [first] = this.#rows();
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
      this.#keepOneTabStop();
    } else if (event.key === "Enter" && first && !event.isComposing) {
      first.click();
    } else if (event.key === "Escape") {
      this.search.value = "";
      this.search.blur();
      this.draw();
    }
  }
}

function byRole(people) {
  const groups = new Map(ROLE_ORDER.map((role) => [role, []]));
  for (const person of people) groups.set(person.role, [...(groups.get(person.role) ?? []), person]);
  return [...groups].filter(([, members]) => members.length);
}

const searchable = (person) => [person.name, person.borrower_ref, person.role, roleName(person.role), person.username, String(person.telegram_id)]
  .filter(Boolean).join(" ").toLowerCase();

const groupName = (role) => (has(`roles.${role}`) ? t(`roles.${role}`) : roleName(role));

function languageName(tag) {
  return has(`language.${tag}`) ? t(`language.${tag}`) : tag ?? "";
}
