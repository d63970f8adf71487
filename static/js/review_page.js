// The review page without leaving it: decisions are sent and the page's parts replaced, passages and what is said about
// them lead to each other, and a few keys move between open points. Everything works without this file, by links and
// forms; the keys act only while the focus is in the panel or on a passage (WCAG 2.1.4).

const PARTS = ["rv-text", "rv-side"];
const field = "input, textarea, select";
const byId = (id) => document.getElementById(id);

// --- Decide ---------------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  if (!form.dataset.busy) send(form, event.submitter);
});

async function send(form, button) {
  form.dataset.busy = "1";
  form.setAttribute("aria-busy", "true");
  const id = form.closest(".rv-item")?.id ?? form.closest("section")?.querySelector("h2[id]")?.id;
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form, button) });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (PARTS.every((part) => fresh.getElementById(part))) {
      sessionStorage.removeItem("typed"); // it has arrived: static/js/kept.js has nothing to give back
      replace(fresh, form);
      settle(fresh, id);
    } else if (response.status === 403) {
      plainly(form, button); // not allowed any more, or a reason is asked for: nothing was done
    } else {
      location.assign(response.url); // signed out
    }
  } catch {
    plainly(form, button);
  }
}

// The browser's own way says what is wrong, and keeps what was typed.
function plainly(form, button) {
  form.removeAttribute("data-live");
  delete form.dataset.sent;
  form.requestSubmit(button);
}

function replace(fresh, sent) {
  const typed = drafts(sent);
  const passage = passageOfDraft(sent);
  const scrolled = byId("rv-side").scrollTop;
  for (const part of PARTS) byId(part).replaceWith(document.adoptNode(fresh.getElementById(part)));
  byId("rv-side").scrollTop = scrolled;
  for (const [id, value] of typed) {
    const control = byId(id);
    if (!control) continue;
    control.value = value;
    control.closest("details").open = true;
  }
  if (passage) choose(byId("rv-note-quote"), passage);
  document.dispatchEvent(new CustomEvent("review:replaced"));
}

// What is being written in other forms stays.
function drafts(sent) {
  const controls = document.querySelectorAll("#rv-side details textarea[id]");
  return [...controls].filter((each) => each.form !== sent && each.value !== each.defaultValue).map((each) => [each.id, each.value]);
}

// The passage that a note which is still being written is about.
function passageOfDraft(sent) {
  const list = byId("rv-note-quote");
  return list && list.form !== sent && list.value ? list.selectedOptions[0] : null;
}

function choose(list, option) {
  const same = [...list.options].find((each) => each.value === option.value);
  if (!same) list.append(option);
  (same ?? option).selected = true;
}

function settle(fresh, id) {
  const refusal = fresh.getElementById("refusal");
  byId("refusal")?.remove();
  const item = id && byId(id);
  const faulty = item?.querySelector(".errorlist");
  if (refusal && (!faulty || refusal.querySelector("#rv-kept"))) {
    document.querySelector(".rv-columns").before(document.adoptNode(refusal));
    refusal.focus();
    return;
  }
  say(refusal ? "" : (fresh.querySelector(".messagelist li")?.textContent.trim() ?? ""));
  (faulty ? item.querySelector("textarea, select, input:not([type=hidden])") : item)?.focus({ preventScroll: false });
}

function say(words) {
  const status = byId("rv-status");
  status.textContent = "";
  if (!words) return;
  requestAnimationFrame(() => (status.textContent = words));
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (status.textContent = ""), 8000); // it lies over the page
}

// --- From the text to what is said about it, and back ----------------------------------------------------------------

const said = (key) => byId(`finding:${key}`) ?? byId(`claim:${key}`);
const passage = (key) => byId(`f:${key}`);

function go(target) {
  if (!target) return false;
  if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  // The panel scrolls by itself where it stands beside the text; the text must not move then.
  const beside = target.closest("#rv-side") && matchMedia("(min-width: 1025px)").matches;
  target.scrollIntoView({ block: beside ? "nearest" : "center" });
  for (const each of document.querySelectorAll(".rv-current")) each.classList.remove("rv-current");
  const key = target.dataset.key ?? target.dataset.for;
  const all = document.querySelectorAll(`[data-for="${CSS.escape(key)}"], [data-key="${CSS.escape(key)}"]`);
  for (const each of all) each.classList.add("rv-current");
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-jump], a.rv-flag");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    if (go(byId(decodeURIComponent(link.hash.slice(1))))) event.preventDefault();
    return;
  }
  const mark = event.target.closest("#rv-text mark[data-for]");
  if (mark && !event.target.closest("a") && getSelection().isCollapsed) go(said(mark.dataset.for));
});

// --- Keys -----------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(field)) return;
  const mark = event.target.closest("mark[data-for], span[data-for]");
  const side = event.target.closest("#rv-side");
  if (!mark && !side) return;
  const item = mark ? said(mark.dataset.for) : event.target.closest(".rv-item");
  const done = {
    Enter: () => (mark ? go(item) : event.target === item && go(passage(item.dataset.key))),
    n: () => go(neighbour(item, 1)),
    p: () => go(neighbour(item, -1)),
    d: () => open(item),
  }[event.key]?.();
  if (done) event.preventDefault();
});

function neighbour(item, step) {
  const open = [...document.querySelectorAll(".rv-item[data-open]")];
  if (!item) return open[step > 0 ? 0 : open.length - 1];
  const after = open.filter((each) => each.compareDocumentPosition(item) & (step > 0 ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING));
  return step > 0 ? after[0] : after.at(-1);
}

function open(item) {
  const details = item?.querySelector("details.rv-act");
  if (!details) return false;
  details.open = true;
  details.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  return true;
}
