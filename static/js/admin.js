// What the theme leaves to the mouse, for the keyboard and for screen readers.
"use strict";

const OWN = "a[href], button, input, select, textarea, summary";

function mend(root) {
  for (const icon of root.querySelectorAll(".material-symbols-outlined")) icon.ariaHidden = "true";
  for (const element of root.querySelectorAll("[x-on\\:click]")) {
    if (element.matches(OWN)) continue;
    element.role = "button";
    element.tabIndex = 0;
    element.ariaHidden = null;
    if (element.matches(".material-symbols-outlined")) element.ariaLabel = document.querySelector(".sidebar-toggle")?.ariaLabel ?? element.textContent.trim();
  }
  for (const field of root.querySelectorAll(".select2-selection")) {
    const label = document.querySelector(`label[for="${CSS.escape(field.closest(".select2")?.previousElementSibling?.id ?? "")}"]`);
    if (label) for (const part of [field, ...field.querySelectorAll("[role=textbox]")]) part.ariaLabel = label.textContent.trim();
  }
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=button][x-on\\:click]") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});
addEventListener("load", () => mend(document));
document.addEventListener("htmx:afterSwap", (event) => mend(event.detail.target));
document.addEventListener("formset:added", (event) => mend(event.target));
