// The check while writing: sends the form a moment after the last key, shows what the engine says, underlines it in the
// text and replaces identifiers. It changes no mark-up of the text and never stands in the way of typing or saving.
//
// The server says where things are, never what they are: the script takes every value from its own document.

const PAUSE = 800; // milliseconds after the last key
const SLOWEST = 60_000;
// Blanks, control and invisible characters are not counted; `content/analysis_panel.py` has the same list.
const UNSEEN =
  /[\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/g;
const KINDS = ["rule", "claim", "phi"]; // the last one lies on top
const CONTENT = "content";

const visible = (text) => [...text.replace(UNSEEN, "")];

/** The text of the visual editor, each visible character with its place in the document. */
class VisibleText {
  constructor(root) {
    this.runs = [];
    this.chars = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const chars = visible(walker.currentNode.data);
      if (!chars.length) continue;
      this.runs.push({ node: walker.currentNode, start: this.chars.length, count: chars.length });
      for (const char of chars) this.chars.push(char);
    }
  }

  /** Node and offset before visible character `index`, or behind it. */
  point(index, behind = false) {
    let [low, high] = [0, this.runs.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < this.runs[middle].start + this.runs[middle].count) high = middle;
      else low = middle + 1;
    }
    const run = this.runs[low];
    let left = index - run.start;
    let offset = 0;
    for (const char of run.node.data) {
      const unseen = char.search(UNSEEN) >= 0;
      if (!unseen && left === 0) return { node: run.node, offset: behind ? offset + char.length : offset };
      if (!unseen) left -= 1;
      offset += char.length;
    }
    return { node: run.node, offset };
  }

  range(from, to) {
    const range = document.createRange();
    const [start, end] = [this.point(from), this.point(to - 1, true)];
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    return range;
  }
}

/** From places in `before` to places in `now`; what both begin and end with has not been touched. */
class Shift {
  constructor(before, now) {
    const most = Math.min(before.length, now.length);
    let same = 0;
    while (same < most && before[same] === now[same]) same += 1;
    let tail = 0;
    while (tail < most - same && before[before.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
    Object.assign(this, { same, tail: before.length - tail, by: now.length - before.length });
  }

  /** The same passage today; null when it is not the same any more. */
  at(from, to) {
    if (to <= this.same) return [from, to];
    return from >= this.tail ? [from + this.by, to + this.by] : null;
  }
}

/** Offsets of characters as JavaScript counts them. */
const units = (chars, index) => chars.slice(0, index).join("").length;

class Analysis {
  constructor(panel, form) {
    this.panel = panel;
    this.form = form;
    this.words = panel.dataset;
    this.result = panel.querySelector("[data-result]");
    this.state = panel.querySelector("[data-state-text]");
    this.voice = panel.querySelector("[data-announce]");
    this.briefs = form.querySelectorAll("[data-brief]");
    this.text = form.querySelector("[data-rich-text]");
    this.items = [];
    this.notes = [];
    this.values = new Map();
    this.shown = {}; // item → number of its place that was shown last
    this.wait = PAUSE;
    this.listen();
    this.later();
  }

  listen() {
    for (const name of ["input", "change"]) {
      this.form.addEventListener(name, (event) => {
        if (event.target.closest("[data-analysis]")) return;
        this.later();
        this.draw();
      });
    }
    this.form.addEventListener("submit", (event) => {
      if (!event.submitter?.hasAttribute("data-check")) this.stop();
    });
    this.panel.querySelector("[data-check]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.check();
    });
    this.form.addEventListener("click", (event) => {
      if (!event.target.closest("[data-mode]")) return;
      this.later(); // the other view has other places
      this.draw();
    });
    this.result.addEventListener("click", (event) => this.act(event));
    document.addEventListener("selectionchange", () => {
      clearTimeout(this.looking);
      this.looking = setTimeout(() => this.point(), 150);
    });
  }

  get editor() {
    return this.text?.richText?.mode === "visual" ? this.text.richText.editor : null;
  }

  // --- Asking ---

  later(wait = PAUSE) {
    this.stop();
    this.timer = setTimeout(() => this.check(), this.wait > PAUSE ? this.wait : wait);
  }

  stop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  async check() {
    this.stop();
    const running = new AbortController();
    this.running = running;
    const before = this.snapshot();
    this.tell(this.words.checking, { aloud: false });
    try {
      const answer = await fetch(this.words.url, {
        method: "POST",
        body: new FormData(this.form),
        headers: { Accept: "application/json" },
        redirect: "manual",
        signal: running.signal,
      });
      if (running !== this.running) return;
      await this.take(answer, before, running);
    } catch {
      if (running === this.running) this.tell(this.words.failed, { bad: true });
    } finally {
      if (running === this.running) this.running = null;
    }
  }

  async take(answer, before, running) {
    if (answer.type === "opaqueredirect") return this.tell(this.words.signedOut, { bad: true });
    if (answer.status === 503 || answer.status === 429) {
      const asked = Number(answer.headers.get("Retry-After")) * 1000 || PAUSE;
      this.wait = Math.min(SLOWEST, Math.max(asked, this.wait * 2));
      this.tell(this.words.busy, { aloud: false });
      this.timer = setTimeout(() => this.check(), this.wait);
      return;
    }
    const found = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (running !== this.running) return;
    if (!answer.ok) return this.tell(found.message || this.words.failed, { bad: true });
    this.wait = PAUSE;
    this.before = before;
    this.items = found.items;
    this.readable = found.visible === before.seen.length;
    this.render(found);
    this.draw();
  }

  /** What is sent, as characters: places of the answer count these. */
  snapshot() {
    const fields = {};
    for (const field of this.form.querySelectorAll("input[name], textarea[name]")) fields[field.name] = [...field.value];
    const body = () => new DOMParser().parseFromString(this.text.value, "text/html").body;
    return { fields, seen: new VisibleText(this.editor ? this.editor.view.dom : body()).chars };
  }

  // --- Showing ---

  tell(text, { bad = false, aloud = true } = {}) {
    this.state.textContent = text;
    this.panel.classList.toggle("an-bad", bad);
    if (aloud && this.voice.textContent !== text) this.voice.textContent = text;
  }

  render(found) {
    this.tell("", { aloud: false });
    if (this.voice.textContent !== found.summary) this.voice.textContent = found.summary;
    for (const each of this.briefs) each.textContent = found.summary;
    if (this.html === found.html) return;
    this.html = found.html;
    const open = [...this.result.querySelectorAll("details[open]")].map((each) => each.dataset.key);
    const focused = this.result.contains(document.activeElement) ? document.activeElement : null;
    const item = focused?.closest("[data-item]")?.dataset.item;
    this.result.innerHTML = found.html; // our own template's, every value escaped
    for (const each of this.result.querySelectorAll("details")) each.open = open.includes(each.dataset.key);
    if (focused) {
      const same = [...this.result.querySelectorAll("[data-item]")].find((each) => each.dataset.item === item);
      (same?.querySelector("summary") ?? this.panel).focus();
    }
  }

  /** Underlines in the visual editor, notes at the other fields. */
  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.underline();
      this.point({ scroll: false });
      this.annotate();
    });
  }

  underline() {
    if (!globalThis.Highlight || !CSS.highlights) return;
    const editor = this.editor;
    const now = editor && this.items.length ? this.read() : null;
    this.ranges = [];
    KINDS.forEach((kind, priority) => {
      const ranges = [];
      for (const item of now ? this.items : []) {
        if (item.kind !== kind) continue;
        for (const place of item.places) {
          const range = this.rangeOf(place, now);
          if (!range) continue;
          ranges.push(range);
          this.ranges.push({ range, index: this.items.indexOf(item) });
        }
      }
      const highlight = new Highlight(...ranges);
      highlight.priority = priority;
      CSS.highlights.set(`an-${kind}`, highlight);
    });
  }

  /** The visual editor's text of this moment. */
  read() {
    const text = new VisibleText(this.editor.view.dom);
    text.shift = new Shift(this.before.seen, text.chars);
    return text;
  }

  rangeOf(place, now) {
    if (place.from === undefined || !this.readable) return null;
    const at = now.shift.at(place.from, place.to);
    return at && now.range(...at);
  }

  /** The item under the cursor stands out in the panel; where the side column scrolls by itself, it comes into view. */
  point({ scroll = true } = {}) {
    const { anchorNode: node, anchorOffset: offset } = document.getSelection();
    if (!node || !this.editor?.view.dom.contains(node)) return;
    const hit = this.ranges?.findLast(({ range }) => range.comparePoint(node, offset) === 0);
    const rows = [...this.result.querySelectorAll("[data-item]")];
    rows.forEach((row, index) => row.classList.toggle("an-here", index === hit?.index));
    const column = this.panel.closest(".column-side");
    if (!scroll || !hit || !rows[hit.index] || !column || getComputedStyle(column).overflowY !== "auto") return;
    const [row, view] = [rows[hit.index].getBoundingClientRect(), column.getBoundingClientRect()];
    if (row.top < view.top || row.bottom > view.bottom) column.scrollTop += row.top - view.top - view.height / 3;
  }

  annotate() {
    for (const undo of this.notes) undo();
    this.notes = [];
    const titles = new Map();
    this.items.forEach((item, index) => {
      const title = this.result.querySelectorAll("[data-item]")[index]?.querySelector(".an-title")?.textContent;
      for (const place of item.places) {
        const drawn = place.input === CONTENT && this.editor && place.from !== undefined;
        if (drawn || !title || !this.spot(place)) continue;
        titles.set(place.input, (titles.get(place.input) ?? new Set()).add(title));
      }
    });
    for (const [name, found] of titles) this.note(name, [...found].join(", "));
  }

  note(name, found) {
    const field = this.form.elements[name];
    const note = document.createElement("p");
    note.className = "an-field-note";
    note.id = `an-at-${name}`;
    note.textContent = `${this.words.found} ${found}`;
    const target = name === CONTENT ? field.closest(".rich-text") ?? field : field;
    target.after(note);
    const described = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", [described, note.id].filter(Boolean).join(" "));
    field.classList.add("an-marked");
    this.notes.push(() => {
      note.remove();
      field.classList.remove("an-marked");
      if (described) field.setAttribute("aria-describedby", described);
      else field.removeAttribute("aria-describedby");
    });
  }

  // --- Places ---

  /** Start and end of a place in its field's value today; null when it has changed or is not there. */
  spot(place) {
    const field = this.form.elements[place.input];
    const before = this.before.fields[place.input];
    if (!field || !before) return null;
    const { chars, shift } = this.valueOf(field, before);
    const at = shift.at(place.start, place.end);
    return at && { field, start: units(chars, at[0]), end: units(chars, at[1]) };
  }

  /** A field's characters and what has moved in them since the check; kept while neither changes. */
  valueOf(field, before) {
    const kept = this.values.get(field);
    if (kept?.before === before && kept.value === field.value) return kept;
    const chars = [...field.value];
    const read = { before, value: field.value, chars, shift: new Shift(before, chars) };
    this.values.set(field, read);
    return read;
  }

  /** The image or link whose attribute is meant. */
  elementOf(place) {
    return place.element && this.editor
      ? this.editor.view.dom.querySelectorAll(`${place.element}:not(.ProseMirror-separator)`)[place.number]
      : null;
  }

  show(item) {
    const number = ((this.shown[item.key] ?? -1) + 1) % item.places.length;
    this.shown[item.key] = number;
    const place = item.places[number];
    if (place.input === CONTENT && this.editor) return this.showInEditor(place);
    const at = this.spot(place);
    if (!at) return this.tell(this.words.gone);
    at.field.focus();
    at.field.setSelectionRange(at.start, at.end);
    at.field.scrollIntoView({ block: "center" });
  }

  showInEditor(place) {
    const { view, commands } = this.editor;
    const element = this.elementOf(place);
    if (element) {
      commands.setNodeSelection(view.posAtDOM(element, 0));
      element.scrollIntoView({ block: "center" });
      return view.focus();
    }
    const range = this.rangeOf(place, this.read());
    if (!range) return this.tell(this.words.gone);
    commands.setTextSelection(this.positions(range));
    view.focus();
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
  }

  positions(range) {
    const { view } = this.editor;
    return {
      from: view.posAtDOM(range.startContainer, range.startOffset),
      to: view.posAtDOM(range.endContainer, range.endOffset),
    };
  }

  // --- Acting ---

  act(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-redact-all")) return this.replace(this.items.flatMap((item) => this.targets(item)));
    const rows = [...this.result.querySelectorAll("[data-item]")];
    const item = this.items[rows.indexOf(button.closest("[data-item]"))];
    if (!item?.places.length) return;
    if (button.hasAttribute("data-show")) this.show(item);
    if (button.hasAttribute("data-cite")) this.cite(item);
    if (button.hasAttribute("data-replace-all")) this.replace(this.targets(item));
    if (button.hasAttribute("data-replace")) {
      const shown = (this.shown[item.key] ?? 0) % item.places.length;
      this.replace(this.targets(item).filter((target) => target.place === item.places[shown]));
    }
  }

  /** The cursor goes behind the sentence, the keyboard to the search for references. */
  cite(item) {
    this.show(item);
    const editor = this.editor;
    if (editor && item.places[0].input === CONTENT) editor.commands.setTextSelection(editor.state.selection.to);
    const box = document.getElementById("references-box");
    const field = box?.querySelector("[data-ref-search]:not([type=hidden])") ?? this.form.elements.scientific_references;
    field.scrollIntoView({ block: "center" });
    // The editor takes the focus back in its next frame.
    requestAnimationFrame(() => requestAnimationFrame(() => field.focus()));
  }

  targets(item) {
    return item.placeholder ? item.places.map((place) => ({ place, text: item.placeholder })) : [];
  }

  /** Replace all targets. The visual editor's changes are one step of its history, another field's one step each. */
  replace(targets) {
    const editor = this.editor;
    const inside = (target) => target.place.input === CONTENT && editor;
    let done = this.replaceInFields(targets.filter((target) => !inside(target)));
    if (editor) done += this.replaceInEditor(targets.filter(inside));
    this.tell(done ? this.words.replaced : this.words.gone);
    if (done) {
      this.wait = PAUSE;
      this.later(0);
    }
  }

  replaceInEditor(targets) {
    const { view } = this.editor;
    const now = this.read();
    const spans = [];
    for (const { place, text } of targets) {
      const range = this.rangeOf(place, now);
      if (!range) continue;
      const { from, to } = this.positions(range);
      spans.push({ start: from, end: to, text });
    }
    const tr = view.state.tr;
    let done = this.replaceAttributes(targets, tr);
    for (const span of disjoint(spans)) {
      tr.insertText(span.text, span.start, span.end);
      done += 1;
    }
    if (done) {
      view.dispatch(tr);
      view.focus();
    }
    return done;
  }

  /** Alternative texts and titles of images. */
  replaceAttributes(targets, tr) {
    const { view } = this.editor;
    let done = 0;
    for (const { place, text } of targets) {
      const element = this.elementOf(place);
      if (!element || place.element !== "img" || !["alt", "title"].includes(place.attribute)) continue;
      const position = view.posAtDOM(element, 0);
      const node = view.state.doc.nodeAt(position);
      const value = node?.attrs[place.attribute];
      const match = this.before.fields[CONTENT].slice(place.start, place.end).join("");
      const found = new DOMParser().parseFromString(match, "text/html").documentElement.textContent;
      if (!value || !found || !value.includes(found)) continue;
      tr.setNodeAttribute(position, place.attribute, value.replaceAll(found, text));
      done += 1;
    }
    return done;
  }

  replaceInFields(targets) {
    const byField = new Map();
    for (const { place, text } of targets) {
      const at = this.spot(place);
      if (at) byField.set(at.field, [...(byField.get(at.field) ?? []), { ...at, text }]);
    }
    let done = 0;
    for (const [field, spans] of byField) {
      field.focus();
      for (const span of disjoint(spans)) {
        field.setSelectionRange(span.start, span.end);
        // The only way into a field that its own undo knows.
        if (!document.execCommand("insertText", false, span.text)) {
          field.setRangeText(span.text, span.start, span.end, "end");
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        done += 1;
      }
    }
    return done;
  }
}

/** Spans from the last to the first, without those that overlap one that is taken. */
function disjoint(spans) {
  const taken = [];
  for (const span of [...spans].sort((a, b) => b.start - a.start || b.end - a.end)) {
    if (!taken.length || span.end <= taken.at(-1).start) taken.push(span);
  }
  return taken;
}

const panel = document.querySelector("[data-analysis][data-live]");
if (panel) new Analysis(panel, panel.closest("form"));
