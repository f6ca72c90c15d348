// The server's calls about what a reader makes of a part of a series: how it is laid out, marks, preferences.
// Gives requests ({ method, url, json }) for the outbox, and sends them.

import { csrfToken, requestJson } from "./request.js";

/** Where the workspace of a series' part is. */
export function workspaceUrl({ id, part = 0 }) {
  return `/api/v1/series/${id}/workspace?part=${part}`;
}

export class WorkspaceClient {
  #id;
  #part;
  #user;

  /**
   * @param series  what the page gives: id, part
   * @param user    id of the account that the page was made for
   */
  constructor({ id, part = 0 }, user) {
    this.#id = id;
    this.#part = part;
    this.#user = user;
  }

  get series() {
    return this.#id;
  }

  /** What BroadcastChannel, and what is kept in the tab, call this part by. */
  get key() {
    return `${this.#id}/${this.#part}`;
  }

  get #url() {
    return workspaceUrl({ id: this.#id, part: this.#part });
  }

  /** { state, saved_at, marks, curves, preferences } as the server has it now. */
  read(signal) {
    return requestJson(this.#url, { signal });
  }

  stateRequest(state) {
    return { method: "PUT", url: this.#url, json: { state } };
  }

  markRequest(mark) {
    return { method: "PUT", url: `/api/v1/marks/${mark.id}`, json: { ...mark, series_id: this.#id, part: this.#part } };
  }

  deleteRequest(id) {
    return { method: "DELETE", url: `/api/v1/marks/${id}` };
  }

  preferencesRequest(values) {
    return { method: "PATCH", url: "/api/v1/viewer-preferences", json: values };
  }

  send({ method, url, json }) {
    return requestJson(url, { method, json });
  }

  /** Send what must outlive its page; nobody is there for the answer. */
  sendLast({ method, url, json }) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    const body = json === undefined ? undefined : JSON.stringify(json);
    fetch(url, { method, headers, body, keepalive: true, credentials: "same-origin" }).catch(() => null);
  }

  /**
   * Take up the session that was begun in another tab, if it is of the same account.
   * @returns {"renewed"|"signedout"|"stranger"|"offline"}
   */
  async renew() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected) return "signedout";
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector('meta[name="csrf-token"]')?.content;
    if (!token) return "offline";
    // Another account may be told that the series is not there; a page without an account's id is another's.
    if (fresh.querySelector(".viewer")?.dataset.user !== this.#user) return "stranger";
    document.querySelector('meta[name="csrf-token"]').content = token;
    return "renewed";
  }
}
