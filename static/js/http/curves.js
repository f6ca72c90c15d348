// The server's calls about a reader's own curves of greys.

import { requestJson } from "./request.js";

const address = (id) => `/api/v1/curves/${id}`;

export function putCurve({ id, name, unit, points }) {
  return requestJson(address(id), { method: "PUT", json: { name, unit, points } });
}

export function deleteCurve(id) {
  return requestJson(address(id), { method: "DELETE" });
}

/** An id for a new one; crypto.randomUUID is there over HTTPS only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
