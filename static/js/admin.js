// What the theme leaves to the mouse, for the keyboard; what it leaves to the eye, for screen readers.
"use strict";

const OWN = "a[href], button, input, select, textarea, summary";

function named(element, words) {
  const [first] = (words ?? "").trim().split("\n");
  if (first && !element.ariaLabel) element.ariaLabel = first.replace(/\*$/, "");
}
const labelOf = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`)?.firstChild?.textContent ?? "";

function mend() {
  const words = document.getElementById("page")?.dataset ?? {};
  for (const icon of document.querySelectorAll(".material-symbols-outlined:not([x-on\\:click])")) icon.ariaHidden = "true";
  for (const element of document.querySelectorAll("[x-on\\:click]")) {
    if (!element.matches(OWN)) Object.assign(element, { role: "button", tabIndex: 0 });
    if (element.matches(".material-symbols-outlined")) named(element, document.querySelector(".sidebar-toggle")?.ariaLabel);
    if (element.matches("[x-on\\:click*=showActions]")) named(element, words.more);
    if (element.matches("[x-ref^=relatedWidgetWrapper]")) {
      const field = element.closest(".field-line, .form-row, td")?.querySelector("select");
      named(element, [field && labelOf(field.id), words.more].filter(Boolean).join(": "));
    }
  }
  for (const navigation of document.querySelectorAll("#nav-sidebar-inner")) named(navigation, document.querySelector(".sidebar-toggle")?.ariaLabel);
  for (const button of document.querySelectorAll("#searchbar-submit")) named(button, words.search);
  for (const field of document.querySelectorAll("[id^=select2-][id$=-container]")) {
    for (const part of [field, field.closest("[role=combobox]")]) if (part) named(part, labelOf(field.id.slice(8, -10)));
  }
  for (const cell of document.querySelectorAll("th:empty, th:not(:has(*))")) {
    if (!cell.textContent.trim()) cell.append(Object.assign(document.createElement("span"), { className: "sr-only", textContent: words.delete }));
  }
  // A box that scrolls is no place of its own to go to, and the word for it is English.
  for (const box of document.querySelectorAll(".simplebar-content-wrapper[role=region]")) Object.assign(box, { role: null, ariaLabel: null });
  for (const field of document.querySelectorAll("td :is(input:not([type=hidden]), select, textarea)")) {
    if (!field.labels?.length) named(field, field.closest("table").tHead?.rows[0]?.cells[field.closest("td").cellIndex]?.textContent);
  }
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=button][x-on\\:click]") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});
let waits = false;
function again() {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => { waits = false; mend(); });
}
addEventListener("DOMContentLoaded", () => {
  new MutationObserver(again).observe(document.body, { childList: true, subtree: true });
  mend();
});
