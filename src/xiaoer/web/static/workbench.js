/* The article editor: a preview made by the server, and a question before unsaved words are left. */
"use strict";

(() => {
  const form = document.getElementById("article");
  if (!form) return;
  const panes = [...form.querySelectorAll("[data-pane]")];
  const modes = [...form.querySelectorAll("[data-show]")];
  const kind = form.elements.kind;
  let changed = false;

  function fit() {
    for (const each of form.querySelectorAll("[data-kind]")) each.hidden = each.dataset.kind !== kind.value;
  }

  async function show(name) {
    for (const mode of modes) mode.setAttribute("aria-pressed", String(mode.dataset.show === name));
    for (const pane of panes) pane.hidden = pane.dataset.pane !== name;
    if (name !== "preview") return;
    const fields = new URLSearchParams(new FormData(form));
    const answer = await fetch("/console/knowledge/preview", { method: "POST", headers: { "X-CSRF-Token": form.elements.csrf.value }, body: fields });
    const box = document.getElementById("preview");
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      box.replaceChildren(...document.importNode(page.body, true).childNodes);
    } else {
      const { detail } = await answer.json().catch(() => ({ detail: answer.statusText }));
      box.textContent = detail;
    }
  }

  for (const mode of modes) mode.addEventListener("click", () => show(mode.dataset.show));
  kind.addEventListener("change", fit);
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  fit();
})();
