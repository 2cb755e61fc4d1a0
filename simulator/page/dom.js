// Building and updating the page's elements. Text always enters as text nodes: there is no way
// from here to innerHTML, so nothing a person or the bot writes can become markup.

/**
 * One element. `props`: `class`, `on` (event name to listener), `data` (dataset), `style`
 * (CSS properties), `text`; `true` sets an empty attribute, `null`/`false` leaves it out, anything
 * else is an attribute. Children: nodes, strings, or nothing.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") listen(element, value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "style") setStyle(element, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function listen(element, listeners) {
  for (const [event, listener] of Object.entries(listeners)) {
    if (listener) element.addEventListener(event, listener);
  }
}

function setStyle(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
}

/**
 * Makes the children of `container` show `rows` (`{key, signature, build}`), touching only what
 * changed: a playing voice message, a text selection or the focus in an untouched row survives.
 */
export function reconcile(container, rows) {
  const present = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let cursor = container.firstElementChild;
  for (const row of rows) {
    let node = present.get(row.key);
    present.delete(row.key);
    if (!node || node.rowSignature !== row.signature) {
      const fresh = row.build();
      fresh.dataset.key = row.key;
      fresh.rowSignature = row.signature;
      if (node) {
        if (cursor === node) cursor = fresh;
        replaceKeepingFocus(node, fresh);
      }
      node = fresh;
    }
    if (node === cursor) cursor = cursor.nextElementSibling;
    else container.insertBefore(node, cursor);
  }
  for (const node of present.values()) node.remove();
}

// The bot edits a message in place after a press: the person at the keyboard stays on the button.
function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.dataset.place;
  old.replaceWith(fresh);
  if (!focused) return;
  const same = place ? fresh.querySelector(`[data-place="${CSS.escape(place)}"]`) : null;
  (same ?? fresh).focus({ preventScroll: true });
}

/** Two letters or one Chinese character on a quiet colour that stays the same for the same id. */
export function avatar(name, id, extra = "") {
  const tint = Math.abs(Number(id)) % 7;
  return el("span", { class: `avatar tint-${tint} ${extra}`, "aria-hidden": "true", text: initials(name) });
}

function initials(name) {
  const words = (name || "?").trim().split(/\s+/u);
  if (/\p{Script=Han}/u.test(name ?? "")) return [...words.join("")].slice(0, 1).join("");
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
}
