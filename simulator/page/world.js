// What all panes share: the people, the bot, the simulated clock, the faults that are switched on.
// Panes listen for "people", "clock" and "faults" and draw themselves again.

import * as api from "./api.js";
import { playsIn } from "./times.js";

const POLL_CLOCK_MS = 5000;

export class World extends EventTarget {
  people = [];
  bot = null;
  faults = [];
  #clock = { at: null, readAt: 0 };
  #peopleWanted = null;

  /** Reads everything once; raises `Refused` when the simulator does not answer. */
  async load() {
    [this.bot, this.people] = await Promise.all([api.bot(), api.people()]);
    playsIn(this.bot.zone);
    await Promise.all([this.refreshClock(), this.refreshFaults()]);
    setInterval(() => this.refreshClock().catch(() => {}), POLL_CLOCK_MS);
  }

  person(id) {
    return this.people.find((person) => person.telegram_id === id) ?? null;
  }

  /** Simulated time in Unix seconds, or null before the first answer; it flows like real time. */
  now() {
    const { at, readAt } = this.#clock;
    return at === null ? null : at + (performance.now() - readAt) / 1000;
  }

  async refreshClock() {
    this.tookClock(await api.clock());
  }

  /** Takes over a reading of the clock: an answer of /clock or an event. */
  tookClock(reading) {
    this.#clock = { at: Date.parse(reading.now) / 1000, readAt: performance.now() };
    this.dispatchEvent(new CustomEvent("clock"));
  }

  async refreshFaults() {
    const answer = await api.faults();
    this.faults = Array.isArray(answer) ? answer : answer?.faults ?? [];
    this.dispatchEvent(new CustomEvent("faults"));
  }

  /** Reads the people again; several wishes at the same moment are one request. */
  refreshPeople() {
    this.#peopleWanted ??= new Promise((resolve) => setTimeout(resolve, 60)).then(async () => {
      this.#peopleWanted = null;
      this.people = await api.people();
      this.dispatchEvent(new CustomEvent("people"));
    });
    return this.#peopleWanted;
  }
}
