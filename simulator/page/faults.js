// Trouble on purpose: makes the simulated Telegram slow, refusing or broken, to see the bot cope.

import * as api from "./api.js";
import { el, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { failed } from "./notices.js";
import { has, t } from "./words.js";

// Each kind with the one number that matters for it.
const KINDS = [
  { kind: "too_many_requests", number: "retry_after", value: 10, min: 1, max: 3600 },
  { kind: "server_error", number: "status", value: 502, min: 500, max: 599 },
  { kind: "slow", number: "delay_s", value: 3, min: 0, max: 120 },
  { kind: "reset_before" },
  { kind: "reset_after" },
  { kind: "undecodable" },
];
const METHODS = ["*", "send*", "sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates"];
const COUNTS = [1, 5, 20, null];

export class FaultsPanel {
  constructor(world) {
    this.world = world;
    this.count = el("span", { class: "badge badge-danger", hidden: true });
    this.button = el("button", { type: "button", class: "button faults-button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": t("faults.title"), title: t("faults.explained"), on: { click: () => this.#toggle() } },
      icon("fault"), el("span", { class: "optional", text: t("faults.title") }), this.count);
    this.active = el("ul", { class: "faults-active" });
    this.none = el("p", { class: "faults-none", text: t("faults.none") });
    this.panel = el("div", { class: "panel", role: "dialog", "aria-label": t("faults.title"), hidden: true, on: { keydown: (event) => { if (event.key === "Escape") this.#close(true); } } },
      el("h2", { text: t("faults.title") }), el("p", { class: "panel-explained", text: t("faults.explained") }),
      this.none, this.active, this.#form());
    this.root = el("div", { class: "panel-host" }, this.button, this.panel);
    document.addEventListener("pointerdown", (event) => { if (!this.root.contains(event.target)) this.#close(false); });
    world.addEventListener("faults", () => this.draw());
    this.draw();
  }

  draw() {
    const { faults } = this.world;
    const live = faults.filter((fault) => !fault.spent).length;
    this.count.hidden = live === 0;
    this.count.textContent = String(live);
    this.button.setAttribute("aria-label", live ? `${t("faults.title")}, ${t("faults.on", { count: live })}` : t("faults.title"));
    this.none.hidden = faults.length > 0;
    reconcile(this.active, faults.map((fault) => ({ key: `fault-${fault.id}`, signature: JSON.stringify(fault), build: () => this.#row(fault) })));
    this.clear.disabled = faults.length === 0;
  }

  #form() {
    const kinds = select("faults.kind", KINDS.map(({ kind }) => [kind, kindName(kind)]));
    const methods = select("faults.method", METHODS.map((method) => [method, has(`faults.method.${method}`) ? t(`faults.method.${method}`) : method]));
    const counts = select("faults.count", COUNTS.map((count) => [String(count), count === null ? t("faults.count.always") : t("faults.count.next", { count })]));
    const number = el("input", { type: "number", step: "1", required: true });
    const numberName = el("span");
    const numberLabel = el("label", { class: "field" }, numberName, number);
    const follow = () => {
      const chosen = KINDS.find(({ kind }) => kind === kinds.field.value);
      numberLabel.style.visibility = chosen.number ? "visible" : "hidden";
      number.disabled = !chosen.number;
      numberName.textContent = chosen.number ? t(`faults.${chosen.number}`) : t("faults.status");
      for (const name of ["value", "min", "max"]) number[name] = chosen[name] ?? "";
    };
    kinds.field.addEventListener("change", follow);
    follow();
    this.first = kinds.field;
    this.clear = el("button", { type: "button", class: "button", text: t("faults.clear"), on: { click: () => this.#do(() => api.clearFaults()) } });
    const form = el("form", { class: "faults-form" }, kinds.label, numberLabel, methods.label, counts.label,
      el("div", { class: "faults-acts" }, this.clear, el("button", { type: "submit", class: "button button-primary", text: t("faults.add") })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = KINDS.find(({ kind }) => kind === kinds.field.value);
      const fault = { kind: chosen.kind, method: methods.field.value };
      if (counts.field.value !== "null") fault.count = Number(counts.field.value);
      if (chosen.number) fault[chosen.number] = Number(number.value);
      this.#do(() => api.addFault(fault));
    });
    return form;
  }

  #row(fault) {
    const name = faultWords(fault);
    return el("li", { class: fault.spent ? "fault fault-spent" : "fault" },
      el("span", { class: "fault-text" },
        el("span", { text: name }),
        el("span", { class: "fault-hits", text: fault.spent ? t("faults.spent", { count: fault.hits }) : t("faults.hits", { count: fault.hits }) })),
      el("button", { type: "button", class: "icon-button", "aria-label": t("faults.remove", { name }), title: t("faults.remove", { name }), on: { click: () => this.#do(() => api.removeFault(fault.id)) } }, icon("close")));
  }

  async #do(deed) {
    try {
      await deed();
    } catch (failure) {
      failed(document.body, failure);
    }
    await this.world.refreshFaults().catch(() => {});
  }

  #toggle() {
    if (!this.panel.hidden) return this.#close(true);
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.first.focus();
    this.polling = setInterval(() => this.world.refreshFaults().catch(() => {}), 2000);
    return this.world.refreshFaults().catch(() => {});
  }

  #close(refocus) {
    if (this.panel.hidden) return;
    clearInterval(this.polling);
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (refocus) this.button.focus();
  }
}

function select(name, options) {
  const field = el("select", {}, options.map(([value, text]) => el("option", { value, text })));
  return { field, label: el("label", { class: "field" }, el("span", { text: t(name) }), field) };
}

const kindName = (kind) => (has(`faults.kind.${kind}`) ? t(`faults.kind.${kind}`) : kind);

function faultWords(fault) {
  const { number } = KINDS.find(({ kind }) => kind === fault.kind) ?? {};
  const detail = number ? ` (${number === "status" ? fault.status : t("faults.seconds", { count: fault[number] })})` : "";
  return `${kindName(fault.kind)}${detail} · ${has(`faults.method.${fault.method}`) ? t(`faults.method.${fault.method}`) : fault.method}`;
}
