// The simulated clock: what time it is in the story, and the buttons that move it.

import * as api from "./api.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { failed, toast } from "./notices.js";
import { menuButton } from "./menu.js";
import { BROWSER_ZONE, clockFace, shownZone, showZone } from "./times.js";
import { t } from "./words.js";

const MOVES = [
  { key: "hour", move: { advance_s: 3600 }, mark: "clock" },
  { key: "day", move: { advance_s: 86400 }, mark: "calendar" },
  { key: "next", move: { to: "next" }, mark: "next" },
];

// How often, and how long apart, the next moment is asked for while something is due already.
const ASKED_AT_MOST = 8;
const PAUSE_MS = 400;

// Where the stories that are told most often play.
const ZONES = ["Asia/Shanghai", "Asia/Kolkata", "Europe/London", "America/New_York", "America/Los_Angeles", "UTC"];

export class ClockBar {
  /** `redraw()` draws all times anew after another zone was chosen for them. */
  constructor(world, redraw) {
    this.world = world;
    this.redraw = redraw;
    this.date = el("span", { class: "clock-date" });
    this.time = el("strong", { class: "clock-time" });
    this.zone = menuButton({ name: t("clock.zone"), mark: "down", label: "UTC", choices: () => this.#zones() });
    this.face = el("div", { class: "clock-face", role: "timer", "aria-live": "off", "aria-label": t("clock.title"), title: t("clock.explained") }, icon("clock"), this.date, this.time);
    this.buttons = MOVES.map(({ key, move, mark }) => el("button", {
      type: "button", class: "button clock-move", "aria-label": `${t(`clock.${key}`)}: ${t(`clock.${key}_long`)}`, title: t(`clock.${key}_long`), on: { click: () => this.#move(move) },
    }, icon(mark), el("span", { text: t(`clock.${key}`) })));
    this.root = el("div", { class: "clock", role: "group", "aria-label": t("clock.title") }, this.face, el("div", { class: "clock-zone" }, this.zone.host), this.buttons);
    world.addEventListener("clock", () => this.draw());
    setInterval(() => this.draw(), 1000);
  }

  draw() {
    const now = this.world.now();
    if (now === null) return;
    const face = clockFace(now, shownZone());
    put(this.date, face.date);
    put(this.time, face.time);
    put(this.zone.button.lastElementChild, face.zone);
  }

  #zones() {
    return [...new Set([BROWSER_ZONE, shownZone(), ...ZONES])].map((zone) => ({
      label: zone.replaceAll("_", " "), hint: zone === BROWSER_ZONE ? t("clock.zone_here") : null, chosen: zone === shownZone(),
      run: () => { showZone(zone); this.draw(); this.redraw(); },
    }));
  }

  async #move(move) {
    this.#busy(true);
    try {
      let jump = await this.#jumped(move);
      // the bot is still busy with this very moment: give it the time it takes
      for (let asked = 1; asked < ASKED_AT_MOST && jump < 1; asked += 1) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        jump = await this.#jumped(move);
      }
      if (jump < 1) toast(document.body, t("clock.nothing_next"));
    } catch (failure) {
      if (move.to === "next" && failure.status >= 400 && failure.status !== 0) toast(document.body, t("clock.no_next", { reason: failure.message }), { failure: true });
      else failed(document.body, failure);
    } finally {
      this.#busy(false);
    }
  }

  /** Moves the clock; the seconds it jumped, without those that passed by themselves. */
  async #jumped(move) {
    const { now, before } = await api.moveClock(move);
    this.world.tookClock({ now });
    return (Date.parse(now) - Date.parse(before)) / 1000;
  }

  #busy(busy) {
    for (const button of this.buttons) button.disabled = busy;
    this.root.setAttribute("aria-busy", String(busy));
  }
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
