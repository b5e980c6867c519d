// What the theme leaves to the mouse, for the keyboard; what it leaves to the eye, for screen readers.
"use strict";

const OWN = "a[href], button, input, select, textarea, summary";

function named(element, words) {
  const [first] = (words ?? "").trim().split("\n");
  if (first && !element.ariaLabel) element.ariaLabel = first.replace(/\*$/, "");
}
const labelOf = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`)?.firstChild?.textContent ?? "";

function mend(root) {
  const words = document.getElementById("page")?.dataset ?? {};
  for (const icon of root.querySelectorAll(".material-symbols-outlined:not([x-on\\:click])")) icon.ariaHidden = "true";
  for (const element of root.querySelectorAll("[x-on\\:click]")) {
    if (!element.matches(OWN)) Object.assign(element, { role: "button", tabIndex: 0 });
    if (element.matches(".material-symbols-outlined")) named(element, document.querySelector(".sidebar-toggle")?.ariaLabel);
    if (element.matches("[x-on\\:click*=showActions]")) named(element, words.more);
    if (element.matches("[x-ref^=relatedWidgetWrapper]")) {
      const field = element.closest(".field-line, .form-row, td")?.querySelector("select");
      named(element, [field && labelOf(field.id), words.more].filter(Boolean).join(": "));
    }
  }
  for (const button of root.querySelectorAll("#searchbar-submit")) named(button, words.search);
  for (const field of root.querySelectorAll("[id^=select2-][id$=-container]")) {
    for (const part of [field, field.closest("[role=combobox]")]) if (part) named(part, labelOf(field.id.slice(8, -10)));
  }
  for (const cell of root.querySelectorAll("th")) if (!cell.textContent.trim() && !cell.querySelector("input")) named(cell, words.delete);
  for (const field of root.querySelectorAll("td :is(input:not([type=hidden]), select, textarea)")) {
    if (!field.labels?.length) named(field, field.closest("table").tHead?.rows[0]?.cells[field.closest("td").cellIndex]?.textContent);
  }
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=button][x-on\\:click]") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});
addEventListener("load", () => mend(document));
for (const change of ["htmx:afterSwap", "formset:added"]) document.addEventListener(change, (event) => mend(event.target));
