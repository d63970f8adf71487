// A citation in the visual editor: one unbreakable piece, `<sup data-ref="PMID:1">[1]</sup>` in the HTML.

import { Node } from "../django_prose_editor/editor.js";

/** A marker as HTML, for the Text tab. */
export function markerHtml(reference) {
  const sup = document.createElement("sup");
  sup.dataset.ref = reference;
  sup.textContent = "[?]"; // the number is given by the place in the text
  return sup.outerHTML;
}

export const Citation = Node.create({
  name: "citation",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes() {
    return {
      ref: {
        default: "",
        parseHTML: (element) => element.getAttribute("data-ref"),
        renderHTML: (attributes) => ({ "data-ref": attributes.ref }),
      },
      number: {
        default: "?",
        parseHTML: (element) => element.textContent.match(/\d+/)?.[0] ?? "?",
        renderHTML: () => ({}),
      },
    };
  },
  parseHTML() {
    return [{ tag: "sup[data-ref]", priority: 100 }];
  },
  renderHTML({ node, HTMLAttributes }) {
    return ["sup", HTMLAttributes, `[${node.attrs.number}]`];
  },
  renderText({ node }) {
    return `[${node.attrs.number}]`;
  },
  addCommands() {
    return {
      // The tool bar's button: the box below has the search.
      citation: () => () => {
        document.dispatchEvent(new CustomEvent("references:search"));
        return true;
      },
    };
  },
  addKeyboardShortcuts() {
    return { "Mod-Alt-c": () => this.editor.commands.citation() };
  },
});
