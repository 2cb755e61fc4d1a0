// The few line drawings the page uses, as SVG built node by node.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  back: "M15 5l-7 7 7 7",
  beside: "M4 5h16v14H4zM12 5v14",
  block: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  calendar: "M5 6h14v14H5zM5 10h14M9 3.5V7M15 3.5V7",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 9V5H5v11h4",
  down: "M6 9.5l6 6 6-6",
  edit: "M4.5 19.5l1-4L16 5l3 3L8.5 18.500zM14 7l3 3",
  external: "M9 6h9v9M18 6L7 17",
  fault: "M12 4l9 16H3zM12 10v4.500M12 17.200v.3",
  file: "M6.5 3.500h7l4 4v13h-11zM13.5 3.500v4h4",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-3L20 17M15 9.300v.1",
  keyboard: "M3.5 6.500h17v11h-17zM7 10v.100M10.3 10v.100M13.7 10v.100M17 10v.100M8 14h8",
  language: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.500c2.5 2.5 3.5 5.5 3.5 8.500s-1 6-3.5 8.500c-2.5-2.5-3.5-5.5-3.5-8.500s1-6 3.5-8.500z",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1.2 1.200M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1.2-1.2",
  more: "M5.5 12v.100M12 12v.100M18.5 12v.1",
  next: "M5 6l7 6-7 6zM17.5 6v12",
  people: "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.800a3.5 3.5 0 0 1 0 6.400M18 14.500a6.5 6.5 0 0 1 3.5 5.5",
  pin: "M12 21s7-6 7-11.500a7 7 0 0 0-14 0C5 15 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  receipt: "M6 3.500h12v17l-2.4-1.7-2.4 1.7-2.4-1.7-2.4 1.700L6 20.500zM9 8h6M9 12h6",
  reply: "M10 6l-6 5.500L10 17v-3.500c5 0 8 1.5 10 5 0-5.5-3.5-9-10-9z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.500L20 20",
  send: "M4 12l16-7.5-5 16-3-6.500zM12 14l8-9.5",
  slash: "M4 5h16v14H4zM13.5 8.500l-3 7",
  unblock: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8 12.500l3 3 5-6",
  voice: "M12 3.500a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3zM5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3",
};

/** A decorative 24×24 drawing in the current text colour; the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
