// A picture of a payment slip, drawn here, for when a borrower is to send one and none is at hand.

import { clockFace } from "./times.js";
import { t } from "./words.js";

const WIDTH = 480;
const HEIGHT = 640;

/** A PNG `File` of a slip dated `seconds` (Unix) in `zone`; plainly marked as a sample. */
export async function sampleReceipt(name, seconds, zone) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  draw(canvas.getContext("2d"), name, clockFace(seconds, zone));
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return new File([blob], "receipt.png", { type: "image/png" });
}

function draw(ink, name, face) {
  ink.fillStyle = "#f7f6f2";
  ink.fillRect(0, 0, WIDTH, HEIGHT);
  ink.fillStyle = "#2577b8";
  ink.fillRect(0, 0, WIDTH, 92);
  write(ink, t("receipt.title"), 32, 58, "600 30px", "#ffffff");
  const lines = [["receipt.payer", name], ["receipt.date", `${face.date} ${face.time}`], ["receipt.way", t("receipt.transfer")], ["receipt.state", t("receipt.done")]];
  lines.forEach(([key, value], row) => {
    const y = 168 + row * 96;
    write(ink, t(key), 32, y, "400 19px", "#6b7280");
    write(ink, value, 32, y + 34, "600 25px", "#1f2933");
    ink.fillStyle = "#dfe3e8";
    ink.fillRect(32, y + 54, WIDTH - 64, 1);
  });
  write(ink, t("receipt.sample"), 32, HEIGHT - 36, "400 19px", "#9a3412");
}

function write(ink, text, x, y, weight, colour) {
  ink.font = `${weight} "Helvetica Neue", Arial, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif`;
  ink.fillStyle = colour;
  ink.fillText(text, x, y, WIDTH - 64);
}
