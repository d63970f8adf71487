// Words selected in the article become the passage of a new note. Without this file the passage is chosen from a list.

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const article = document.getElementById("rv-text");
  const list = document.getElementById("rv-note-quote");
  if (!list || !article || selection.isCollapsed || !article.contains(selection.anchorNode)) return;
  const words = String(selection).replace(/\s+/g, " ").trim();
  if (words.length < 3 || words.length > 5000) return;
  let chosen = list.querySelector("option[data-own]");
  if (!chosen) {
    chosen = document.createElement("option");
    chosen.dataset.own = "1";
    list.append(chosen);
  }
  chosen.value = words;
  chosen.textContent = `${list.dataset.selected} ${words.length > 70 ? `${words.slice(0, 70)}…` : words}`;
  chosen.selected = true;
});
