// What works without JavaScript works a little smoother with it.
for (const element of document.querySelectorAll("[data-needs-js]")) element.hidden = false;

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// What was typed and not saved yet lies in this browser (autosave.js): it goes when its writer signs out, and
// is never there for somebody else.
const forgetDrafts = (which) => {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:") && which(key)) localStorage.removeItem(key);
  } catch { /* storage is not allowed here, so there is nothing in it */ }
};
const person = document.body.dataset.person;
if (person) forgetDrafts((key) => !key.startsWith(`draft:${person}:`));
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-signs-out]")) forgetDrafts(() => true);
});

// A page the browser kept whole may show somebody who has signed out since: ask the server again.
addEventListener("pageshow", (event) => {
  if (event.persisted && person) location.reload();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // without https there is no clipboard to write to
    }
    button.textContent = button.dataset.copied;
  });
}

// Who names a time of their own means that one, and not the suggestion chosen before.
document.addEventListener("input", (event) => {
  const choice = event.target.dataset?.checks && document.getElementById(event.target.dataset.checks);
  if (choice) choice.checked = true;
});
