// The page's own words, in the language the visitor chose. They live in words/<language>.json and
// words/languages.json names them: a new language is a new file and its line there.

const FALLBACK = "en";
const REMEMBERED = "chat-page-language";

let words = {};
let fallbackWords = {};
let current = FALLBACK;
let offered = {};
let plurals = new Intl.PluralRules(FALLBACK);

/** Loads the list of languages and the words of the right one. */
export async function loadWords() {
  offered = await json("/page/words/languages.json");
  current = choose(Object.keys(offered));
  fallbackWords = await json(`/page/words/${FALLBACK}.json`);
  words = current === FALLBACK ? fallbackWords : await json(`/page/words/${current}.json`);
  plurals = new Intl.PluralRules(current);
  document.documentElement.lang = current;
}

/** The languages on offer, tag to its own name, and the one in use. */
export function languages() {
  return { offered, current };
}

/** Remembers the choice and draws the page anew; the address keeps what is on screen. */
export function switchLanguage(tag) {
  remember(tag);
  location.reload();
}

/**
 * The words under `key` with `{name}` filled in. With `values.count` the plural form is looked up
 * first (`key.one`, `key.other`). A key without words shows as itself, so that it is noticed.
 */
export function t(key, values = {}) {
  const plural = "count" in values ? `${key}.${plurals.select(values.count)}` : null;
  const text = lookup(plural) ?? lookup(`${key}.other`, plural) ?? lookup(key) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** True when there are words under `key` (roles and faults come from the server by name). */
export function has(key) {
  return key in words || key in fallbackWords;
}

function lookup(key, when = key) {
  return when ? (words[key] ?? fallbackWords[key]) : undefined;
}

function choose(tags) {
  const remembered = recall();
  if (tags.includes(remembered)) return remembered;
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const match = tags.find((tag) => sameLanguage(tag, wanted));
    if (match) return match;
  }
  return FALLBACK;
}

// "zh-CN" and "zh" want zh-Hans as long as no closer tag is on offer.
function sameLanguage(tag, wanted) {
  return tag.toLowerCase() === wanted.toLowerCase()
    || tag.split("-")[0].toLowerCase() === wanted.split("-")[0].toLowerCase();
}

// A browser may forbid storage; the page then follows the browser's language each time.
function recall() {
  try { return localStorage.getItem(REMEMBERED); } catch { return null; }
}

function remember(tag) {
  try { localStorage.setItem(REMEMBERED, tag); } catch { /* nothing is remembered */ }
}

async function json(path) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
