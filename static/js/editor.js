// Comfort of the post editor: keys, counters, rows, warning on leaving. Saving works without it.

const form = document.querySelector("[data-editor]");

/** The message box takes the focus, so that a screen reader reads it and the links in it are next. */
const box = document.querySelector("[data-focus]");
if (box) box.focus();

/** Leaving with unsaved changes asks first. */
let unsaved = form.dataset.unsaved === "1";
form.addEventListener("input", () => {
  unsaved = true;
});
form.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

/** Ctrl+S and Cmd+S save the draft. */
document.addEventListener("keydown", (event) => {
  const save = form.querySelector("[data-save]");
  if (save && (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit(save);
  }
});

/** One press, one request. The name of the pressed button is part of the form, so it is disabled a moment later. */
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  delete form.dataset.sent;
});

/** Characters left. */
for (const field of form.querySelectorAll("[data-counter]")) {
  const limit = Number(field.dataset.counter);
  const counter = document.createElement("span");
  counter.className = "counter";
  const count = () => {
    const length = [...field.value].length;
    counter.textContent = `${length} / ${limit}`;
    counter.classList.toggle("over", length > limit);
  };
  field.before(counter);
  field.addEventListener("input", count);
  count();
}

/** Custom field rows: add from the template; a removed row stays in the form, marked, so that saving deletes it. */
const rows = form.querySelector("[data-rows]");
const template = form.querySelector("[data-row-template]");
const add = form.querySelector("[data-add-row]");
if (rows && template && add) {
  const total = form.querySelector('input[name="fields-TOTAL_FORMS"]');
  const hint = form.querySelector("[data-no-script]");
  if (hint) hint.hidden = true;
  add.hidden = false;
  add.addEventListener("click", () => {
    const next = document.createElement("div");
    const copy = template.content.cloneNode(true);
    for (const element of copy.querySelectorAll("*")) {
      for (const name of ["id", "name", "for"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace("__prefix__", total.value));
      }
    }
    next.append(copy);
    total.value = Number(total.value) + 1;
    const row = next.firstElementChild;
    rows.append(row);
    row.querySelector("input").focus();
  });
  rows.addEventListener("change", (event) => {
    if (event.target.name?.endsWith("-DELETE")) {
      event.target.closest("[data-row]").classList.toggle("removed", event.target.checked);
    }
  });
}

/** The usual disclaimer of a level: offered by a button, and put in by itself while the field holds another level's. */
const level = form.querySelector('select[name="compliance_level"]');
const disclaimer = form.querySelector('textarea[name="medical_disclaimer"]');
const usual = JSON.parse(document.getElementById("disclaimers").textContent);
const suggest = form.querySelector("[data-suggest-disclaimer]");
const insert = () => {
  if (!usual[level.value]) return;
  disclaimer.value = usual[level.value];
  disclaimer.dispatchEvent(new Event("input", { bubbles: true }));
};
if (level && disclaimer && suggest) {
  const refresh = () => {
    suggest.hidden = !usual[level.value] || disclaimer.value === usual[level.value];
  };
  level.addEventListener("change", () => {
    const typed = disclaimer.value.trim();
    if (!typed || Object.values(usual).includes(typed)) insert();
    refresh();
  });
  disclaimer.addEventListener("input", refresh);
  suggest.addEventListener("click", insert);
  refresh();
}

/** A date in the future turns Publish into Schedule. */
const when = form.querySelector('input[name="scheduled_at"]');
const publish = form.querySelector("[data-publish]");
if (when && publish) {
  const now = publish.textContent;
  const rename = () => {
    publish.textContent = when.value && new Date(when.value) > new Date() ? publish.dataset.later : now;
  };
  when.addEventListener("input", rename);
  rename();
}
