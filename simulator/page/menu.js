// A button that opens a short list of choices: arrow keys move, Escape and a click elsewhere close.

import { el } from "./dom.js";
import { icon } from "./icons.js";

/**
 * A button with a menu. `choices()` is asked each time it opens and answers
 * `{label, hint?, icon?, danger?, chosen?, run}` each; `side` says where the list appears ("up", "down").
 */
export function menuButton({ name, mark, label = null, choices, side = "down", extra = "" }) {
  const button = el("button", {
    type: "button", class: `icon-button ${extra}`, "aria-label": name, title: name,
    "aria-haspopup": "menu", "aria-expanded": "false",
  }, icon(mark), label ? el("span", { class: "icon-button-label", text: label }) : null);
  const host = el("div", { class: `menu-host menu-${side}` }, button);
  button.addEventListener("click", () => (host.querySelector(".menu") ? close(host) : open(host, button, name, choices())));
  return { host, button };
}

function open(host, button, name, choices) {
  const list = el("div", { class: "menu", role: "menu", "aria-label": name }, choices.map((choice) => item(host, choice)));
  host.append(list);
  button.setAttribute("aria-expanded", "true");
  list.firstElementChild?.focus();
  list.addEventListener("keydown", (event) => steer(event, host, list));
  host.closeOnOutside = (event) => { if (!host.contains(event.target)) close(host, false); };
  document.addEventListener("pointerdown", host.closeOnOutside);
  host.closeOnLeave = (event) => { if (event.relatedTarget && !host.contains(event.relatedTarget)) close(host, false); };
  host.addEventListener("focusout", host.closeOnLeave);
}

function item(host, choice) {
  const run = () => { close(host); choice.run(); };
  return el("button", { type: "button", role: choice.chosen === undefined ? "menuitem" : "menuitemradio", "aria-checked": choice.chosen === undefined ? null : String(choice.chosen), class: choice.danger ? "menu-item menu-item-danger" : "menu-item", on: { click: run } },
    choice.icon ? icon(choice.icon) : null,
    el("span", { class: "menu-item-text" },
      el("span", { text: choice.label }),
      choice.hint ? el("span", { class: "menu-item-hint", text: choice.hint }) : null));
}

function close(host, refocus = true) {
  document.removeEventListener("pointerdown", host.closeOnOutside);
  host.removeEventListener("focusout", host.closeOnLeave);
  const list = host.querySelector(".menu");
  const button = host.firstElementChild;
  button.setAttribute("aria-expanded", "false");
  if (refocus && list?.contains(document.activeElement)) button.focus();
  list?.remove();
}

function steer(event, host, list) {
  const items = [...list.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") { close(host); event.stopPropagation(); return; }
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}
