// One way to the server: CSRF header, the API's error shape, words for a lost connection.

import { _ } from "../state/words.js";

/** What the server (or the network) answered instead of what was asked for. */
export class RequestError extends Error {
  constructor(message, { status = 0, code = "network", field } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

/** What a failed answer means, from its body (`{"error": …}`) or its status. */
export function errorFrom(status, body) {
  const error = body?.error;
  if (error) return new RequestError(error.message, { status, code: error.code, field: error.field });
  if (status === 0) return new RequestError(_("The connection was lost. Check the network and try again."));
  return new RequestError(_("The server answered %(status)s. Try again.", { status }), { status, code: "http" });
}

async function answer(url, { method = "GET", json, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, {
      method,
      headers,
      signal,
      credentials: "same-origin",
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw errorFrom(0);
  }
  if (response.ok) return response;
  throw errorFrom(response.status, await response.json().catch(() => null));
}

/** The JSON answer of a call, or null when there is none. */
export async function requestJson(url, options) {
  const response = await answer(url, options);
  return response.status === 204 ? null : response.json();
}

/** The bytes of an answer. */
export async function requestBlob(url, options) {
  return (await answer(url, options)).blob();
}
