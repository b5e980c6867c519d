// Moves the rows of a list in place: by dragging their handle, or by their buttons. Without it the buttons send
// the page and it comes back with the row moved.
"use strict";

const form = document.getElementById("grade-order");
const list = form.querySelector("ol");
const status = form.querySelector("[role=status]");
list.classList.add("js-order");

function announce(row) {
  const rows = [...list.children];
  status.textContent = form.dataset.announce
    .replace("{name}", row.dataset.name)
    .replace("{place}", rows.indexOf(row) + 1)
    .replace("{all}", rows.length);
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  const [way] = button ? button.value.split(":") : [];
  if (way !== "up" && way !== "down") return;
  event.preventDefault();
  const row = button.closest("li");
  const other = way === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (other) way === "up" ? other.before(row) : other.after(row);
  button.focus();
  announce(row);
});

list.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest(".people-handle");
  if (!handle) return;
  event.preventDefault();
  const row = handle.closest("li");
  // The list holds the pointer, not the row: what is moved in the page loses it.
  list.setPointerCapture(event.pointerId);
  row.classList.add("is-dragged");
  const move = ({ clientY }) => {
    const other = [...list.children].find((item) => {
      const box = item.getBoundingClientRect();
      return item !== row && clientY > box.top && clientY < box.bottom;
    });
    if (!other) return;
    const box = other.getBoundingClientRect();
    const isAbove = clientY < box.top + box.height / 2;
    if (isAbove && other.previousElementSibling !== row) other.before(row);
    if (!isAbove && other.nextElementSibling !== row) other.after(row);
  };
  const drop = () => {
    row.classList.remove("is-dragged");
    list.removeEventListener("pointermove", move);
    announce(row);
  };
  list.addEventListener("pointermove", move);
  list.addEventListener("lostpointercapture", drop, { once: true });
});
