// Short notices at the foot of a pane, and the alert a bot may ask for.

import { el } from "./dom.js";
import { t } from "./words.js";

const SHOWN_MS = 4500;
const FAILURE_MS = 8000;

/** Shows `text` in `host` for a few seconds; a screen reader hears it. */
export function toast(host, text, { failure = false } = {}) {
  const shelf = host.querySelector(":scope > .toasts") ?? host.appendChild(
    el("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  const note = el("p", { class: failure ? "toast toast-failure" : "toast", text });
  shelf.append(note);
  while (shelf.childElementCount > 3) shelf.firstElementChild.remove();
  setTimeout(() => note.remove(), failure ? FAILURE_MS : SHOWN_MS);
}

/** Says why something did not work, in the page's words where it knows them. */
export function failed(host, failure) {
  const text = failure.status === 0 ? t("failure.unreachable") : t("failure.refused", { reason: failure.message });
  toast(host, text, { failure: true });
}

/** The dialog of `answerCallbackQuery` with `show_alert`: stays until it is acknowledged. */
export function alertBox(title, text) {
  const done = el("button", { type: "submit", class: "button button-primary", text: t("alert.ok"), autofocus: true });
  const box = el("dialog", { class: "alert", "aria-label": title },
    el("form", { method: "dialog" },
      el("h2", { text: title }), el("p", { class: "alert-text", text }), done));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
