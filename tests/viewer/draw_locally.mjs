// Draws what test_localpictures.py asks for, with the browser's modules.
//   node draw_locally.mjs FOLDER
// FOLDER has series.json, head.json (of the stream), stream.bin, colormaps.json and questions.json; it gets pixels.bin
// (RGB of each picture, one after the other) and urls.json: where the server has the same pictures.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { SeriesClient } from "../../static/js/http/series.js";
import { axesOf, framesAlong, framesOf, turnedAxes } from "../../static/js/lib/frames.js";
import { LocalPictures } from "../../static/js/lib/localpictures.js";
import { VoxelVolume } from "../../static/js/lib/voxelvolume.js";

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const series = read("series.json");

const volume = new VoxelVolume(read("head.json"));
volume.receive(new Uint8Array(readFileSync(join(folder, "stream.bin"))));
if (!volume.isComplete) throw new Error("the stream is not whole");

const pictures = new LocalPictures({ phase: 0, volume: () => volume }, series);
const maps = Object.entries(read("colormaps.json"));
pictures.setColormaps(Object.fromEntries(maps.map(([name, text]) => [name, new Uint8Array(Buffer.from(text, "base64"))])));
const client = new SeriesClient(series);

const straight = framesOf(series);
const pivot = straight[0].to_lps.map((row) => row[0] * 3 + row[1] * 4 + row[2] * 2 + row[3]);

/** The frames after turns: [[plane, radians], …] */
function framesAfter(turns) {
  const axes = turns.reduce((before, [plane, radians]) => turnedAxes(before, plane, radians), axesOf(straight));
  return framesAlong(series, axes, pivot);
}

const urls = [];
const parts = [];
for (const { turns, at, ...asked } of read("questions.json")) {
  const frame = framesAfter(turns).find(({ plane }) => plane === asked.plane);
  if (frame.is_oblique !== turns.length > 0) throw new Error(`${asked.plane} is not what was meant`);
  const question = { ...asked, frame, index: Math.round(at * (frame.count - 1)), phase: 0 };
  if (!pictures.canDraw(question)) throw new Error(`not drawn: ${JSON.stringify(asked)}`);
  const { pixels } = pictures.draw(question);
  parts.push(Uint8Array.from(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)));
  urls.push(client.pictureUrl(question));
}
writeFileSync(join(folder, "pixels.bin"), Buffer.concat(parts));
writeFileSync(join(folder, "urls.json"), JSON.stringify(urls));
