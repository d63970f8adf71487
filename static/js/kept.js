// A form sent after the session has ended goes to the sign-in page. What was typed waits in this tab and is put back
// behind it, for the same person only; passwords, codes and files are never kept.

const script = document.querySelector("script[data-kept-for]");
const KEY = "typed";
const HOUR = 3_600_000;
const SECRET = new Set(["password", "file", "submit", "button", "reset"]);
const BOXES = new Set(["checkbox", "radio"]);

const path = (form) => new URL(form.action, location.href).pathname;
const posts = () => [...document.forms].filter((form) => form.method === "post");

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && !SECRET.has(field.type) && !["csrfmiddlewaretoken", "code"].includes(field.name),
  );
}

function read(field) {
  const value = field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
  return { name: field.name, type: field.type, value, checked: field.checked };
}

addEventListener("submit", ({ target }) => {
  if (target.method !== "post") return;
  const entry = { user: script.dataset.keptFor, page: location.pathname, at: Date.now() };
  entry.action = path(target);
  entry.fields = fields(target).map(read);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(entry));
  } catch {
    // No room or no storage: the form goes its way as before.
  }
});

function taken() {
  const entry = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  const back = document.referrer && new URL(document.referrer).pathname.startsWith(script.dataset.signIn);
  const mine = entry?.user === script.dataset.keptFor && entry.page === location.pathname;
  return back && mine && Date.now() - entry.at < HOUR ? entry : null;
}

// Of several forms with one address, the one about the same thing: most hidden values in common.
function formOf(entry) {
  const hidden = entry.fields.filter((field) => field.type === "hidden");
  const common = (form) => hidden.filter((field) => form.elements[field.name]?.value === field.value).length;
  const candidates = posts().filter((form) => path(form) === entry.action);
  return candidates.sort((one, other) => common(other) - common(one))[0];
}

function putBack(form, kept) {
  const rest = fields(form);
  for (const field of kept) {
    const index = rest.findIndex(
      (each) => each.name === field.name && (!BOXES.has(each.type) || each.value === field.value),
    );
    if (index < 0) continue;
    const [target] = rest.splice(index, 1);
    if (BOXES.has(target.type)) target.checked = field.checked;
    else if (target.multiple) for (const option of target.options) option.selected = field.value.includes(option.value);
    else target.value = field.value;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function announce(form) {
  for (let each = form.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
  const list = document.createElement("ul");
  list.className = "messagelist";
  list.setAttribute("role", "status");
  list.append(Object.assign(document.createElement("li"), { className: "warning", textContent: script.dataset.notice }));
  form.before(list);
  form.scrollIntoView({ block: "center" });
}

const entry = taken();
const form = entry && formOf(entry);
if (form) {
  putBack(form, entry.fields);
  announce(form);
}
