// Keys on the desk: j and k move, Enter opens (it is a link), c takes, r puts back, ? lists them. They can be switched
// off for a device (WCAG 2.1.4) and are silent while something is typed or a modifier is held.

const rows = [...document.querySelectorAll("tr[data-row]")];
const dialog = document.getElementById("rv-keys");
const STORED = "desk-keys-off";

if (rows.length && dialog) {
  const button = document.querySelector("[data-keys]");
  const choice = document.getElementById("rv-keys-on");
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  choice.checked = localStorage.getItem(STORED) === null;
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, "1");
  });
  document.addEventListener("keydown", onKey);
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || dialog.open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (localStorage.getItem(STORED) !== null) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  c: () => press("claim"),
  r: () => press("release"),
  "?": () => dialog.showModal(),
};

function here() {
  return rows.indexOf(document.activeElement?.closest("tr[data-row]"));
}

function move(step) {
  const at = here();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].querySelector("a.row-title").focus();
}

function press(act) {
  rows[here()]?.querySelector(`button[value="${act}"]`)?.click();
}
