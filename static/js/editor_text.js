// The visual editor over the textarea, with Visual and Text tabs. Without JavaScript the textarea is the editor.
//
// The bundle of django-prose-editor is imported by its address: its own import map would be an inline script, which
// our content security policy refuses. For the same reason the editor may not inject a style element.

import {
  Blockquote,
  Bold,
  BulletList,
  Code,
  CodeBlock,
  Document,
  Dropcursor,
  Editor,
  Gapcursor,
  HardBreak,
  Heading,
  History,
  HorizontalRule,
  Image,
  Italic,
  Link,
  ListItem,
  OrderedList,
  Paragraph,
  Strike,
  Subscript,
  Superscript,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Text,
  Underline,
} from "../django_prose_editor/editor.js";
import { Citation } from "./citation.js";

const ADDRESS = /^(https?:\/\/|mailto:|tel:|\/|#)/i;
const INLINE_ALIASES = { b: "strong", i: "em", del: "s" };

const MERGED = ["p", "thead", "tbody", "colgroup", "col", "br"]; // added or merged without loss
const MADE_ANEW = ["rel", "class", "style", "h2@id"]; // by the server, on saving

/** How often each element and attribute occurs, to see whether the editor would drop any. */
function census(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const counts = {};
  const count = (key) => {
    counts[key] = (counts[key] || 0) + 1;
  };
  for (const element of parsed.body.querySelectorAll("*")) {
    const name = INLINE_ALIASES[element.localName] || element.localName;
    if (!MERGED.includes(name)) count(name);
    for (const attribute of element.getAttributeNames()) {
      const key = `${name}@${attribute}`;
      if (!MADE_ANEW.includes(attribute) && !MADE_ANEW.includes(key)) count(key);
    }
  }
  return counts;
}

/** Would loading `html` into the editor lose an element or an attribute? */
function loses(html, editor) {
  const before = census(html);
  const after = census(editor.getHTML());
  return Object.keys(before).some((name) => (after[name] || 0) < before[name]);
}

function isEmpty(html) {
  return /^<p>\s*<\/p>$/.test(html);
}

class RichText {
  constructor(textarea, template) {
    this.textarea = textarea;
    textarea.richText = this; // other boxes of the page work on the text
    this.root = template.content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.root.querySelector(selector);
    textarea.before(this.root);
    this.area = this.find("[data-area]");
    this.bar = this.find(".rich-bar");
    this.dialog = this.find("dialog");
    this.editor = this.makeEditor();
    this.area.append(textarea);
    this.listen();
    this.show(loses(textarea.value, this.editor) ? "text" : "visual", { first: true });
  }

  makeEditor() {
    return new Editor({
      element: this.area,
      injectCSS: false,
      editable: !this.textarea.disabled,
      content: this.textarea.value,
      extensions: [
        Document,
        Paragraph,
        Text,
        HardBreak,
        Heading.configure({ levels: [2, 3, 4] }),
        Bold,
        Italic,
        Underline,
        Strike,
        Subscript,
        Superscript,
        Code,
        CodeBlock,
        BulletList,
        OrderedList,
        ListItem,
        Blockquote,
        HorizontalRule,
        Image,
        Link.configure({ openOnClick: false, autolink: false }).extend({
          addKeyboardShortcuts: () => ({ "Mod-k": () => this.askLink() }),
        }),
        Table.configure({ resizable: false }),
        TableRow,
        TableHeader,
        TableCell,
        Dropcursor,
        Gapcursor,
        History,
        Citation,
      ],
      editorProps: {
        attributes: {
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": document.querySelector(`label[for="${this.textarea.id}"]`)?.textContent ?? "",
        },
      },
      onUpdate: () => this.store(),
      onTransaction: () => this.refresh(),
    });
  }

  /** The editor's HTML goes into the textarea, which is what the form sends. */
  store() {
    const html = this.editor.getHTML();
    this.textarea.value = isEmpty(html) ? "" : html;
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  show(mode, { first = false } = {}) {
    const visual = mode === "visual";
    if (visual && !first) {
      this.editor.commands.setContent(this.textarea.value, { emitUpdate: false });
      if (loses(this.textarea.value, this.editor)) {
        this.find("[data-kept]").hidden = false;
        return;
      }
    }
    this.find("[data-kept]").hidden = visual || !first;
    this.mode = mode;
    this.bar.hidden = !visual || this.textarea.disabled;
    this.editor.view.dom.hidden = !visual;
    this.textarea.hidden = visual;
    for (const button of this.root.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.refresh();
  }

  listen() {
    for (const button of this.root.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => {
        this.show(button.dataset.mode);
        if (this.mode === "visual") this.editor.commands.focus();
        else this.textarea.focus();
      });
    }
    for (const button of this.root.querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => this.run(button.dataset.command));
    }
    this.find("[data-block]").addEventListener("change", (event) => {
      const chain = this.editor.chain().focus();
      if (event.target.value === "p") chain.setParagraph().run();
      else chain.setHeading({ level: Number(event.target.value) }).run();
    });
    this.find("dialog form").addEventListener("submit", (event) => this.link(event));
    this.textarea.addEventListener("input", () => this.count());
  }

  run(command) {
    const chain = this.editor.chain().focus();
    if (command === "link") this.askLink();
    else if (command === "table") chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run();
    else if (command === "horizontalRule") chain.setHorizontalRule().run();
    else if (["bold", "italic", "bulletList", "orderedList", "blockquote"].includes(command)) {
      chain[`toggle${command[0].toUpperCase()}${command.slice(1)}`]().run();
    } else chain[command]().run();
  }

  askLink() {
    this.find("[data-url]").value = this.editor.getAttributes("link").href || "";
    this.find("[data-url-error]").hidden = true;
    this.find("[data-unset]").hidden = !this.editor.isActive("link");
    this.dialog.showModal();
    return true;
  }

  link(event) {
    const action = event.submitter?.value;
    const href = this.find("[data-url]").value.trim();
    if (action === "set" && !ADDRESS.test(href)) {
      event.preventDefault();
      this.find("[data-url-error]").hidden = false;
      this.find("[data-url]").focus();
      return;
    }
    const chain = this.editor.chain().focus().extendMarkRange("link");
    if (action === "unset") chain.unsetLink().run();
    if (action !== "set") return;
    if (this.editor.state.selection.empty && !this.editor.isActive("link")) {
      chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
    } else chain.setLink({ href }).run();
  }

  /** Pressed buttons, paragraph style, table buttons, word count. */
  refresh() {
    if (!this.editor || !this.bar) return;
    for (const button of this.bar.querySelectorAll("[data-command][aria-pressed]")) {
      button.setAttribute("aria-pressed", String(this.editor.isActive(button.dataset.command)));
    }
    const level = [2, 3, 4].find((each) => this.editor.isActive("heading", { level: each }));
    this.find("[data-block]").value = level ? String(level) : "p";
    this.find("[data-in-table]").hidden = !this.editor.isActive("table");
    this.count();
  }

  count() {
    const label = this.find("[data-words]");
    const text =
      this.mode === "text"
        ? new DOMParser().parseFromString(this.textarea.value, "text/html").body.textContent
        : this.editor.getText();
    const words = text.trim() ? text.trim().split(/\s+/).length : 0;
    label.textContent = `${label.dataset.label} ${words}`;
  }
}

const template = document.getElementById("rich-text-toolbar");
for (const textarea of document.querySelectorAll("[data-rich-text]")) new RichText(textarea, template);
