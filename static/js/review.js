// Comfort for pages that work without it: focus on a refusal, no double posting, a print button.

const faulty = ".has-errors input:not([type=hidden]), .has-errors textarea, .has-errors select";
(document.querySelector("[data-focus]") ?? document.querySelector(faulty))?.focus();

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
}
// Coming back through the browser's history shows the form as it was left: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

const printButton = document.querySelector("[data-print]");
if (printButton) {
  printButton.hidden = false;
  printButton.addEventListener("click", () => window.print());
}
