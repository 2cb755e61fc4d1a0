// What is on screen, in the address: `#person=123&chat=456`, and for two people side by side also
// `beside` and `beside_chat`. A reload or a shared link opens the same view.

/** The selection the address names; missing parts are null. */
export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  const number = (name) => (values.has(name) && /^-?\d+$/u.test(values.get(name)) ? Number(values.get(name)) : null);
  return {
    seats: [
      { person: number("person"), chat: number("chat") },
      { person: number("beside"), chat: number("beside_chat") },
    ],
    beside: values.has("beside"),
  };
}

/** Writes the selection without adding a step to the history for every click. */
export function writeAddress(seats) {
  const values = new URLSearchParams();
  const names = [["person", "chat"], ["beside", "beside_chat"]];
  seats.forEach(({ person, chat }, place) => {
    if (person !== null) values.set(names[place][0], person);
    else if (place === 1) values.set("beside", "");
    if (chat !== null) values.set(names[place][1], chat);
  });
  const wanted = values.size ? `#${values}` : location.pathname;
  if (location.hash !== wanted) history.replaceState(null, "", wanted);
}
