// Instants as people read them: always simulated time, in one zone that the visitor chooses.

import { languages, t } from "./words.js";

export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const REMEMBERED = "chat-page-zone";
const formats = new Map();
let zone = recalled();
let storysZone = null;

/** The IANA zone all times are shown in: the chosen one, else where the story plays, else the visitor's own. */
export function shownZone() {
  return zone ?? storysZone ?? BROWSER_ZONE;
}

/** The story plays in this zone (the simulator's `--zone`); null when it does not say. */
export function playsIn(told) {
  storysZone = told ?? null;
}

/** Shows times in another zone from now on, and remembers it. */
export function showZone(wanted) {
  zone = wanted;
  try { localStorage.setItem(REMEMBERED, wanted); } catch { /* nothing is remembered */ }
}

function recalled() {
  try {
    const kept = localStorage.getItem(REMEMBERED);
    return kept && Intl.DateTimeFormat(undefined, { timeZone: kept }) ? kept : null;
  } catch {
    return null;
  }
}

/** Telegram's `date` (Unix seconds) as hours and minutes. */
export function clockTime(seconds, zone) {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone).format(seconds * 1000);
}

/** The local date as a key that compares equal within one day. */
export function dayKey(seconds, zone) {
  return format({ year: "numeric", month: "2-digit", day: "2-digit" }, zone).format(seconds * 1000);
}

/** A day between messages: "Today" and "Yesterday" by the simulated clock, else the date. */
export function dayLabel(seconds, zone, now) {
  const key = dayKey(seconds, zone);
  if (now) {
    if (key === dayKey(now, zone)) return t("day.today");
    if (key === dayKey(now - 86400, zone)) return t("day.yesterday");
  }
  return format({ weekday: "short", day: "numeric", month: "long", year: "numeric" }, zone).format(seconds * 1000);
}

/** In a list of chats: the time for today, the date for any other day. */
export function briefTime(seconds, zone, now) {
  if (now && dayKey(seconds, zone) === dayKey(now, zone)) return clockTime(seconds, zone);
  return format({ day: "numeric", month: "short" }, zone).format(seconds * 1000);
}

/** The clock bar's date and its time with the offset from UTC. */
export function clockFace(seconds, zone) {
  const at = seconds * 1000;
  return {
    date: format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }, zone).format(at),
    time: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone).format(at),
    zone: format({ timeZoneName: "shortOffset" }, zone).formatToParts(at)
      .find((part) => part.type === "timeZoneName")?.value.replace("GMT", "UTC") ?? zone,
  };
}

function format(options, zone) {
  const key = JSON.stringify([options, zone]);
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(languages().current, { ...options, timeZone: zone }));
  }
  return formats.get(key);
}
