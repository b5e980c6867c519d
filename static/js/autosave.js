// Saves a form as one types: first into this browser, then to the server. What the server has not confirmed
// stays in the browser and is offered again; mentoring.js clears it at sign-out.
// docs/decisions/autosave.md says how an older page is kept from overwriting newer text.
for (const form of document.querySelectorAll("form[data-autosave]")) autosave(form);

function autosave(form) {
  const PAUSE = 1200, LONGEST_PAUSE = 60000;
  const key = `draft:${form.dataset.draft}`;
  const field = (name) => form.elements.namedItem(name);
  const own = [...form.elements].filter((e) => e.name && e.type !== "hidden" && e.type !== "submit");
  const status = form.querySelector("[data-autosave-status]");
  const seen = form.querySelector("[data-autosave-state]");
  const conflict = form.querySelector("[data-autosave-conflict]");
  let timer = 0, pause = PAUSE, sending = false, dirty = false, finishing = false, conflicting = null;

  const values = () => Object.fromEntries(own.map((e) => [e.name, e.value]));
  const fill = (texts) => own.forEach((e) => { e.value = texts[e.name] ?? ""; });
  // The eye sees every save; a screen reader hears a state only when it changes.
  const show = (words) => { seen.textContent = words; };
  const say = (words) => { show(words); if (status.textContent !== words) status.textContent = words; };

  const remember = () => {
    const draft = { values: values(), revision: field("revision").value, editor: field("editor").value };
    try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* full, or not allowed: the server still gets it */ }
  };
  const recall = () => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };
  const forget = () => {
    try { localStorage.removeItem(key); } catch { /* as above */ }
  };

  const later = (milliseconds) => { clearTimeout(timer); timer = setTimeout(send, milliseconds); };
  const stumble = (words) => {
    say(words);
    later(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };

  async function send() {
    if (sending || conflicting) return;
    clearTimeout(timer);
    const finished = finishing;
    if (!finished && field("revision").value === "0" && own.every((e) => !e.value.trim())) return;
    sending = true;
    dirty = false;
    field("edit").value = Number(field("edit").value) + 1;
    remember();
    const leaving = document.visibilityState === "hidden";
    const body = new FormData(form);
    if (finished) body.set("finished", "1");
    let response;
    try {
      response = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual", keepalive: leaving, headers: { Accept: "application/json" } });
    } catch {
      sending = false;
      return stumble(form.dataset.offline);
    }
    sending = false;
    if (response.type === "opaqueredirect" || response.status === 403) return say(form.dataset.signedOut);
    const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : null;
    if (response.status === 409 && answer) return disagree(answer);
    if (response.status === 422 && answer) { finishing = false; return say(answer.message); }
    if (!response.ok || !answer) return stumble(form.dataset.offline);
    field("revision").value = answer.revision;
    pause = PAUSE;
    if (dirty || finishing !== finished) { remember(); return later(finishing ? 0 : PAUSE); }
    forget();
    if (finished) return location.assign(answer.next);
    say(form.dataset.saved);
    show(`${form.dataset.saved} ${answer.at}`);
  }

  function disagree(answer) {
    finishing = false;
    conflicting = answer;
    conflict.querySelector("[data-autosave-words]").textContent = answer.message;
    conflict.querySelector("[data-autosave-theirs]").textContent = own.map((e) => answer.saved[e.name]).filter(Boolean).join("\n\n");
    conflict.hidden = false;
    say("");
    conflict.focus();
  }
  const settle = () => {
    field("revision").value = conflicting.revision;
    conflicting = null;
    conflict.hidden = true;
    own[0].focus();
  };
  conflict.querySelector("[data-autosave-keep]").addEventListener("click", () => { settle(); send(); });
  conflict.querySelector("[data-autosave-take]").addEventListener("click", () => { fill(conflicting.saved); settle(); forget(); say(form.dataset.saved); });

  form.addEventListener("input", () => {
    dirty = true;
    finishing = false;
    show(form.dataset.saving);
    remember();
    later(Math.max(pause, PAUSE));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finishing = true;
    send();
  });
  addEventListener("online", () => { if (recall()) send(); });
  addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && dirty) send(); });

  const draft = recall();
  if (draft) {
    const unsaved = own.some((e) => (draft.values[e.name] ?? "") !== e.value);
    if (!unsaved) return forget();
    fill(draft.values);
    // Where the page that wrote it also saved last, only the server's answer was lost. Otherwise somebody
    // wrote elsewhere meanwhile, and the old revision makes the server say so.
    if (draft.editor !== form.dataset.lastEditor) field("revision").value = draft.revision;
    say(form.dataset.restored);
    send();
  }
}
