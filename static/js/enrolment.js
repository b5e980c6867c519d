// The enrolment works without this. With it the week is ticked faster, and a session that ended costs nothing.
const form = document.getElementById("step");
const KEY = "enrolment-step";

// --- The week: buttons tick at once, arrows walk from hour to hour ---
const hours = () => [...document.querySelectorAll(".week-day input")];

function toggle(boxes) {
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
  boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".week-all, .week-quick button");
  if (!button) return;
  event.preventDefault();
  if (button.matches(".week-all")) return toggle([...button.closest("fieldset").querySelectorAll("input")]);
  if ("clear" in button.dataset) return toggle(hours().filter((box) => box.checked));
  const meant = new Set(button.dataset.hours.split(" "));
  toggle(hours().filter((box) => meant.has(box.value)));
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -24, ArrowRight: 24 }[event.key];
  if (!step || !event.target.matches(".week-day input")) return;
  const next = hours().find((box) => Number(box.value) === Number(event.target.value) + step);
  if (!next || !next.checkVisibility()) return;
  event.preventDefault();
  next.focus();
});

// --- What was typed when the session had ended ---
function typed() {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "q");
}

function bringBack(kept) {
  const values = new Map();
  for (const [name, value] of kept) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit" || field.name === "q") continue;
    const told = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = told.includes(field.value);
    else if (told.length) field.value = told[0];
  }
  document.getElementById("brought-back").hidden = false;
}

const stored = sessionStorage.getItem(KEY);
sessionStorage.removeItem(KEY);
if (form && stored && !("shownAgain" in form.dataset)) {
  const { path, person, kept } = JSON.parse(stored);
  if (path === location.pathname && person === form.dataset.person) bringBack(kept);
}

form?.addEventListener("submit", (event) => {
  if (event.submitter?.name === "act" && event.submitter.value !== "back") return;
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, person: form.dataset.person, kept: typed() }));
});

// --- Answers of htmx that are another page: the session has ended ---
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== location.pathname) {
    event.detail.shouldSwap = false;
    document.getElementById("signed-out").hidden = false;
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "named") document.getElementById("q")?.focus();
});

// Enter in the search looks, it does not go on to the next step.
document.getElementById("step")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "q") return;
  event.preventDefault();
  document.querySelector("button[value=search]").click();
});
