// One multipart request with progress by bytes: fetch() cannot tell how much was sent.

import { _ } from "../state/words.js";
import { RequestError, csrfToken, errorFrom, requestJson } from "./request.js";

const MOST_PATHS = 50_000;
const WORDS = {
  401: () => _("Your session has ended. Sign in again in another tab, then choose Try again here."),
  413: () => _("The server does not take requests of this size. Upload less at a time."),
  507: () => _("The server's disk is full. Nothing more can be stored; tell the administrator."),
};

/** The server's own words first: it knows whether a file is too large or the storage is used up. */
function failure(request) {
  let body = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // A proxy answered with a page.
  }
  if (request.status === 401) return new RequestError(WORDS[401](), { status: 401, code: "unauthorized" });
  if (!body?.error && WORDS[request.status]) {
    return new RequestError(WORDS[request.status](), { status: request.status, code: "http" });
  }
  return errorFrom(request.status, body);
}

/** Why no answer came: a server that refuses early may close the line before its words are read. */
async function explainLoss(signal) {
  try {
    await requestJson("/api/v1/studies?per_page=1", { signal });
  } catch (error) {
    if (error.status === 401) return new RequestError(WORDS[401](), { status: 401, code: "unauthorized" });
  }
  return errorFrom(0);
}

/**
 * POST the items' files to `url` under the field `files`, each named by its path; beside the index of a disc
 * the `paths` of all files that come with it, in other requests too.
 * @param {{items: {path: string, file: File}[], paths?: string[]}} batch
 * @param {{onProgress: (fraction: number) => void, signal: AbortSignal}} options
 */
export function sendFiles(url, { items, paths }, { onProgress, signal }) {
  const body = new FormData();
  for (const { path, file } of items) body.append("files", file, path);
  if (paths) body.append("paths", new Blob([JSON.stringify(paths.slice(0, MOST_PATHS))]), "paths.json");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (act, value) => {
      signal.removeEventListener("abort", stop);
      act(value);
    };
    request.open("POST", url);
    request.responseType = "text";
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) settle(resolve, JSON.parse(request.responseText));
      else settle(reject, failure(request));
    };
    request.onerror = async () => settle(reject, await explainLoss(signal));
    request.ontimeout = request.onerror;
    request.onabort = () => settle(reject, new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) settle(reject, new DOMException("aborted", "AbortError"));
    else request.send(body);
  });
}
