// A question with two answers: <dialog data-confirm-dialog> of templates/viewer/segment_dialogs.html.

/**
 * @param dialog  the element
 * @param question  { title, text, yes, isDanger?, note? }
 * @returns {Promise<boolean>}
 */
export function confirmed(dialog, { title, text, yes, isDanger = false, note = "" }) {
  const part = (name) => dialog.querySelector(`[data-confirm-${name}]`);
  part("title").textContent = title;
  part("text").textContent = text;
  part("note").textContent = note;
  part("note").hidden = !note;
  const button = part("yes");
  button.textContent = yes;
  button.classList.toggle("btn-danger", isDanger);
  button.classList.toggle("btn-primary", !isDanger);
  dialog.returnValue = "";
  return new Promise((resolve) => {
    const stop = new AbortController();
    const { signal } = stop;
    dialog.addEventListener(
      "close",
      () => {
        stop.abort();
        resolve(dialog.returnValue === "yes");
      },
      { signal },
    );
    button.addEventListener("click", () => dialog.close("yes"), { signal });
    for (const no of dialog.querySelectorAll("[data-close]")) no.addEventListener("click", () => dialog.close(), { signal });
    dialog.showModal();
    part("no").focus();
  });
}
