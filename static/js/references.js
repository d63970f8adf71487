// The references box of the editor: search the library, cite at the cursor, numbers by order of first appearance.
// Without it the list is a plain field, one work per line.

import { markerHtml } from "./citation.js";

const PAUSE = 250; // milliseconds after the last key

class References {
  constructor(box) {
    this.box = box;
    this.find = (selector) => box.querySelector(selector);
    this.field = box.querySelector("textarea");
    this.text = document.querySelector("[data-rich-text]");
    this.input = this.find("[data-ref-search]");
    this.results = this.find("[data-ref-results]");
    this.status = this.find("[data-ref-status]");
    this.list = this.find("[data-ref-list]");
    // Line of the list → its words and the identifiers that it stands for.
    this.known = JSON.parse(document.getElementById("reference-lines").textContent);
    this.find("[data-ref-tools]").hidden = false;
    this.listen();
    this.renumber();
  }

  listen() {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), PAUSE);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault(); // saves nothing: it cites the first hit
        this.enter();
      }
      if (event.key === "Escape" && !this.results.hidden) {
        event.preventDefault();
        this.close();
      }
    });
    this.find("[data-ref-go]").addEventListener("click", () => this.search());
    this.field.addEventListener("input", () => this.show());
    this.text?.addEventListener("input", () => this.renumber());
    document.addEventListener("references:search", () => {
      // The editor takes the focus back in its next frame.
      requestAnimationFrame(() => requestAnimationFrame(() => this.input.focus()));
    });
  }

  get editor() {
    return this.text?.richText?.mode === "visual" ? this.text.richText.editor : null;
  }

  get lines() {
    return this.field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  }

  set lines(lines) {
    const value = lines.join("\n");
    if (this.field.value.trim() === value) return;
    this.field.value = value;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  keys(line) {
    return (this.known[line]?.keys ?? [line]).map((key) => key.toLowerCase());
  }

  lineOf(reference, lines = this.lines) {
    return lines.find((line) => this.keys(line).includes(reference.toLowerCase()));
  }

  // --- Search ---

  async search() {
    const asked = this.input.value.trim();
    this.asked = asked;
    if (!asked) return this.close();
    let found = [];
    try {
      const answer = await fetch(`${this.box.dataset.searchUrl}?q=${encodeURIComponent(asked)}`);
      if (!answer.ok) throw new Error(answer.status);
      found = (await answer.json()).results;
    } catch {
      this.say(this.box.dataset.failed);
      return [];
    }
    if (this.asked !== asked) return []; // something else has been typed meanwhile
    this.offer(found);
    return found;
  }

  async enter() {
    clearTimeout(this.timer);
    const [first] = (await this.search()) ?? [];
    if (first) await this.cite(first);
  }

  offer(found) {
    this.results.replaceChildren(...found.map((each) => this.result(each)));
    this.results.hidden = found.length === 0;
    this.say(found.length ? `${this.box.dataset.found} ${found.length}` : this.box.dataset.nothing);
  }

  result(each) {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = each.label;
    item.append(words);
    if (each.retracted) item.append(this.badge());
    const buttons = document.createElement("span");
    buttons.className = "ref-buttons";
    buttons.append(
      this.button(this.box.dataset.cite, each.label, () => this.cite(each)),
      this.button(this.box.dataset.list, each.label, () => this.take(each)),
    );
    item.append(buttons);
    return item;
  }

  badge() {
    const badge = document.createElement("span");
    badge.className = "badge retracted";
    badge.textContent = this.box.dataset.retracted;
    return badge;
  }

  button(label, about, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = label;
    const more = document.createElement("span");
    more.className = "visually-hidden";
    more.textContent = `: ${about}`;
    button.append(more);
    button.addEventListener("click", act);
    return button;
  }

  close() {
    this.results.replaceChildren();
    this.results.hidden = true;
    this.say("");
  }

  say(text) {
    this.status.textContent = text;
  }

  // --- The list and the text ---

  /** Put a work on the list; one that the library does not have is added to it, where the person may. */
  async take(each, { quiet = false } = {}) {
    let work = each;
    if (!each.known && this.box.dataset.addUrl) {
      const body = new FormData();
      body.append("identifier", each.id);
      body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      try {
        const answer = await fetch(this.box.dataset.addUrl, { method: "POST", body });
        if (answer.ok) work = await answer.json();
      } catch {
        // The list holds the identifier all the same.
      }
    }
    if (!this.lineOf(work.id)) {
      this.known[work.id] = { label: work.label, keys: [work.id], retracted: work.retracted };
      this.lines = [...this.lines, work.id];
    }
    if (!quiet) {
      this.input.value = "";
      this.close();
      this.say(this.box.dataset.taken);
      this.input.focus();
    }
    this.show();
    return work;
  }

  async cite(each) {
    const work = await this.take(each, { quiet: true });
    this.insert(work.id);
    this.input.value = "";
    this.close();
    this.say(this.box.dataset.cited);
  }

  /** A marker at the cursor: in the visual editor, or as HTML in the Text tab. */
  insert(reference) {
    const editor = this.editor;
    if (editor) {
      const place = editor.state.selection.to;
      editor.chain().focus().insertContentAt(place, { type: "citation", attrs: { ref: reference } }).run();
      return;
    }
    if (!this.text || this.text.disabled) return;
    const html = markerHtml(reference);
    this.text.setRangeText(html, this.text.selectionEnd, this.text.selectionEnd, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    this.text.focus();
  }

  /** Identifiers of the markers, in the order of the text. */
  markers() {
    const editor = this.editor;
    const found = [];
    if (editor) {
      editor.state.doc.descendants((node, position) => {
        if (node.type.name === "citation") found.push({ ref: node.attrs.ref, number: node.attrs.number, position });
      });
      return found;
    }
    const parsed = new DOMParser().parseFromString(this.text?.value ?? "", "text/html");
    return [...parsed.querySelectorAll("sup[data-ref]")].map((sup) => ({ ref: sup.dataset.ref }));
  }

  /** What the server does on saving: numbers by first appearance, cited works first. */
  renumber() {
    const markers = this.markers();
    const lines = this.lines;
    const order = [];
    for (const marker of markers) {
      const line = this.lineOf(marker.ref, [...order, ...lines]) ?? marker.ref;
      if (!order.includes(line)) order.push(line);
      marker.right = String(order.indexOf(line) + 1);
    }
    this.cited = new Set(order);
    const editor = this.editor;
    const wrong = markers.filter((marker) => marker.number !== marker.right);
    if (editor && wrong.length) {
      const change = editor.state.tr.setMeta("addToHistory", false);
      for (const { position, right } of wrong) change.setNodeAttribute(position, "number", right);
      editor.view.dispatch(change);
    }
    if (order.length) this.lines = [...order, ...lines.filter((line) => !order.includes(line))];
    this.show();
  }

  show() {
    const lines = this.lines;
    this.list.replaceChildren(...lines.map((line) => this.line(line)));
    this.list.hidden = lines.length === 0;
  }

  line(line) {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = this.known[line]?.label || line;
    item.append(words);
    if (this.known[line]?.retracted) item.append(this.badge());
    if (this.field.disabled) return item;
    const buttons = document.createElement("span");
    buttons.className = "ref-buttons";
    buttons.append(this.button(this.box.dataset.cite, words.textContent, () => this.insert(this.reference(line))));
    if (!this.cited?.has(line)) {
      buttons.append(this.button(this.box.dataset.remove, words.textContent, () => this.remove(line)));
    }
    item.append(buttons);
    return item;
  }

  reference(line) {
    return this.known[line]?.keys?.[0] ?? line;
  }

  remove(line) {
    this.lines = this.lines.filter((each) => each !== line);
    this.input.focus();
  }
}

const box = document.querySelector("[data-references]");
if (box) new References(box);
