// Comfort for lists. Every page works without it.

const all = document.querySelector("[data-tick-all]");
if (all) {
  const boxes = [...document.querySelectorAll('input[name="ids"]')];
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((each) => each.checked);
      all.indeterminate = !all.checked && boxes.some((each) => each.checked);
    });
  }
}
