// The simulator's page API over HTTP. Every refusal becomes a `Refused` with the server's reason.

/** The server said no, or could not be reached (`status` 0). */
export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

export const people = () => get("/sim/people");
export const bot = () => get("/sim/bot");
export const commands = (person) => get(`/sim/commands?telegram_id=${person}`);
export const chats = (person) => get(`/sim/people/${person}/chats`);
export const faults = () => get("/sim/faults");
export const addFault = (fault) => send("POST", "/sim/faults", fault);
export const clearFaults = () => send("DELETE", "/sim/faults");
export const removeFault = (id) => send("DELETE", `/sim/faults/${id}`);
export const clock = () => get("/clock");
export const moveClock = (move) => send("POST", "/clock", move);

/** Messages of a chat as `viewer` sees them; `after` is the last `sim.seq` already known. */
export const messages = (chat, viewer, after = 0) =>
  get(`/sim/chats/${chat}/messages?viewer=${viewer}&after=${after}`);

export const sendText = (person, chat, text, replyTo = null, thread = null) =>
  send("POST", `/sim/people/${person}/chats/${chat}/messages`,
    { text, ...(replyTo ? { reply_to: replyTo } : {}), ...(thread ? { message_thread_id: thread } : {}) });

/** Sends a `File` as kind photo, document or voice. */
export function sendFile(person, chat, file, kind, caption, replyTo = null, thread = null) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("caption", caption);
  if (replyTo) form.append("reply_to", replyTo);
  if (thread) form.append("message_thread_id", thread);
  form.append("file", file, file.name);
  return ask("POST", `/sim/people/${person}/chats/${chat}/messages`, form);
}

export const editText = (person, chat, message, text) =>
  send("PUT", `/sim/people/${person}/chats/${chat}/messages/${message}`, { text });

export const press = (person, chat, message, data) =>
  send("POST", `/sim/people/${person}/press`, { chat_id: chat, message_id: message, data });

export const pressAnswer = (person, query) => get(`/sim/people/${person}/press/${query}`);

export const block = (person, blocked) => send("POST", `/sim/people/${person}/block`, { blocked });

/** The stream of what happens, for one person's eyes; the browser reconnects it by itself. */
export const events = (viewer) => new EventSource(`/sim/events?viewer=${viewer}`);

const get = (path) => ask("GET", path);

function send(method, path, value) {
  return ask(method, path, value === undefined ? undefined : JSON.stringify(value), "application/json");
}

async function ask(method, path, body, type) {
  let answer;
  try {
    answer = await fetch(path, { method, body, headers: type && body ? { "Content-Type": type } : {} });
  } catch (failure) {
    throw new Refused(0, failure.message);
  }
  const text = await answer.text();
  const value = text ? parsed(text) : null;
  if (!answer.ok) throw new Refused(answer.status, reasonIn(value) ?? `${answer.status} ${answer.statusText}`);
  return value;
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}

function reasonIn(value) {
  if (typeof value === "string") return value.slice(0, 300);
  return value?.error ?? value?.description ?? value?.detail ?? null;
}
