// The stream against a real server on loopback that breaks, refuses and changes its mind.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";

import { VoxelStream } from "../../static/js/http/voxels.js";

// Five slices of two voxels, slabs of two slices around slice 2: slabs 1, 2, 0.
const SERIES = { id: "s", revision: 4, query: "part=1&phase=7", shape_ijk: [2, 1, 5], dtype: "int16" };
const STREAM = Buffer.from(new Int16Array([20, 21, 30, 31, 40, 41, 0, 1, 10, 11]).buffer);
const STARTS = [0, 8, 12];
const VALUES = [0, 1, 10, 11, 20, 21, 30, 31, 40, 41];
const HEAD = { dtype: "int16", shape_ijk: [2, 1, 5], slab_slices: 2, center: 2, inverted: false, revision: 4 };

let server;
let origin;
let asked; // queries, as they came
let answers; // what each next one gets: (query, response) → void

before(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    asked.push(Object.fromEntries(url.searchParams));
    (answers.shift() ?? whole)(asked.at(-1), response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());
beforeEach(() => {
  asked = [];
  answers = [];
});

function begin(query, response, head = {}, more = {}) {
  const described = { ...HEAD, after: Number(query.after ?? 0), ...head };
  response.writeHead(200, { "X-Triplano-Voxels": JSON.stringify(described), ...more });
  return STREAM.subarray(STARTS[described.after]);
}
const whole = (query, response) => response.end(begin(query, response));
const packed = (query, response) => response.end(gzipSync(begin(query, response, {}, { "Content-Encoding": "gzip" })));
const broken = (bytes) => (query, response) => {
  response.write(begin(query, response).subarray(0, bytes), () => setTimeout(() => response.destroy(), 10));
};
const short = (bytes) => (query, response) => response.end(begin(query, response).subarray(0, bytes));
const refusing = (status, error, headers = {}) => (_query, response) => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify({ error }));
};

/** A stream, and a promise of how it ends: [type, detail]. */
function begun(series = SERIES, patience = [1]) {
  const stream = new VoxelStream(series, {}, { origin, patience });
  const seen = [];
  const ended = new Promise((done) => {
    for (const type of ["progress", "waiting", "complete", "failed"]) {
      stream.addEventListener(type, ({ detail }) => {
        seen.push([type, detail]);
        if (type === "complete" || type === "failed") done(seen.at(-1));
      });
    }
  });
  return { stream, seen, ended };
}

test("a volume comes whole and tells how far it is", async () => {
  const { stream, seen, ended } = begun();
  assert.equal(stream.volume(), null);
  stream.want(0, 2);
  const [type, { phase, volume }] = await ended;
  assert.deepEqual([type, phase], ["complete", 0]);
  assert.deepEqual([...volume.data], VALUES);
  assert.equal(stream.volume(0), volume);
  assert.deepEqual(asked, [{ rev: "4", center: "2", part: "1" }]);
  assert.equal(seen[0][0], "progress");
});

test("what was packed on the way is unpacked", async () => {
  answers = [packed];
  const { stream, ended } = begun();
  stream.want();
  const [, { volume }] = await ended;
  assert.deepEqual([...volume.data], VALUES);
});

test("after a break it goes on after the last whole slab", async () => {
  answers = [broken(10), broken(2), whole];
  const { stream, seen, ended } = begun();
  stream.want(0, 2);
  const [type, { volume }] = await ended;
  assert.equal(type, "complete");
  assert.deepEqual([...volume.data], VALUES);
  assert.deepEqual(asked.map((query) => query.after), [undefined, "1", "1"]);
  assert.deepEqual(asked.map((query) => query.center), ["2", "2", "2"]);
  assert.equal(seen.find(([news]) => news === "waiting")[1].error.code, "network");
});

test("half an answer that looks whole is a break too", async () => {
  answers = [short(8), short(4), whole];
  const { stream, ended } = begun();
  stream.want(0, 2);
  assert.deepEqual([...(await ended)[1].volume.data], VALUES);
  assert.deepEqual(asked.map((query) => query.after), [undefined, "1", "2"]);
});

test("patience grows until something comes, and the server's own wish counts", async () => {
  answers = [
    refusing(503, { code: "busy", message: "busy" }, { "Retry-After": "0.02" }),
    refusing(502, null),
    refusing(429, { code: "busy", message: "busy" }),
    broken(9),
    whole,
  ];
  const { stream, seen, ended } = begun(SERIES, [1, 5, 9]);
  stream.want(0, 2);
  await ended;
  const waits = seen.filter(([type]) => type === "waiting").map(([, detail]) => detail.wait_ms);
  assert.deepEqual(waits, [20, 5, 9, 1]);
});

for (const [status, code] of [[401, "unauthorized"], [404, "not_found"], [410, "gone"], [409, "conflict"]]) {
  test(`${status} is told and not asked again`, async () => {
    answers = [refusing(status, { code, message: "words" })];
    const { stream, ended } = begun();
    stream.want();
    const [type, { error }] = await ended;
    assert.equal(type, "failed");
    assert.deepEqual([error.name, error.status, error.code, error.message], ["Error", status, code, "words"]);
    assert.equal(asked.length, 1);
  });
}

test("a page instead of voxels is no volume", async () => {
  answers = [(_query, response) => response.end("<html>sign in</html>")];
  const { stream, ended } = begun();
  stream.want();
  assert.equal((await ended)[0], "failed");
});

test("another shape or revision than the page's is a conflict, and so is another order after a break", async () => {
  for (const head of [{ shape_ijk: [2, 1, 6] }, { revision: 5 }]) {
    answers = [(query, response) => response.end(begin(query, response, head))];
    const { stream, ended } = begun();
    stream.want();
    const [type, { error }] = await ended;
    assert.deepEqual([type, error.status], ["failed", 409]);
  }
  answers = [broken(10), (query, response) => response.end(begin(query, response, { slab_slices: 1 }))];
  const { stream, ended } = begun();
  stream.want();
  assert.equal((await ended)[1].error.status, 409);
});

test("too many bytes are no volume either", async () => {
  answers = [(query, response) => response.end(Buffer.concat([begin(query, response), STREAM]))];
  const { stream, ended } = begun();
  stream.want();
  assert.equal((await ended)[1].error.status, 409);
});

test("another phase takes over, and the first goes on later where it was left", async () => {
  let left;
  answers = [
    (query, response) => {
      left = response;
      response.write(begin(query, response).subarray(0, 10));
    },
  ];
  const { stream, ended } = begun();
  stream.want(0, 2);
  await new Promise((done) => stream.addEventListener("progress", () => stream.volume(0).slabsLoaded && done()));
  stream.want(1, 2);
  await ended;
  assert.equal(stream.phase, 1);
  assert.deepEqual(asked[1], { rev: "4", phase: "1", center: "2", part: "1" });
  assert.ok(stream.volume(1).isComplete);
  if (!left.closed) await new Promise((gone) => left.once("close", gone)); // the server notices
  const again = new Promise((done) => stream.addEventListener("complete", ({ detail }) => done(detail)));
  stream.want(0, 4);
  const { phase, volume } = await again;
  assert.equal(phase, 0);
  assert.deepEqual([...volume.data], VALUES);
  assert.deepEqual([asked[2].after, asked[2].center], ["1", "2"]);
});

test("wanting the same again does not begin again; stopping ends it; retry does not wait", async () => {
  answers = [refusing(503, { code: "busy", message: "busy" })];
  const { stream, ended } = begun(SERIES, [60_000]);
  stream.want(0, 2);
  await new Promise((done) => stream.addEventListener("waiting", done));
  stream.want(0, 2);
  assert.equal(asked.length, 1);
  stream.retry();
  assert.equal((await ended)[0], "complete");
  assert.equal(asked.length, 2);
  stream.retry();
  stream.want(0, 2);
  assert.equal(asked.length, 2);
  stream.stop();
});

test("phases beyond the budget go, the oldest first", async () => {
  const half = { ...SERIES, shape_ijk: [2, 1, 5] };
  const stream = new VoxelStream(half, { memoryGiB: 160 / 1024 ** 3 }, { origin, patience: [1] }); // 40 bytes: two
  for (const phase of [0, 1, 2]) {
    const done = new Promise((complete) => stream.addEventListener("complete", complete, { once: true }));
    stream.want(phase, 2);
    await done;
  }
  assert.deepEqual([0, 1, 2].map((phase) => stream.volume(phase)?.isComplete ?? null), [null, true, true]);
});
