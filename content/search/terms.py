"""What people type, made harmless: no input may raise an error or reach the index's own query language."""

import re

MAX_LENGTH = 200
MAX_TERMS = 16
PREFIX_FROM = 4  # letters; FTS5 has no Portuguese stemmer, a prefix finds the plural
TOKEN = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
WORD = re.compile(r"[^\W_]+")


def clean(query: str | None) -> str:
    """The query on one line, without control characters or lone surrogates, at most MAX_LENGTH characters."""
    text = (query or "").encode("utf-8", "ignore").decode("utf-8")
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text[: 10 * MAX_LENGTH]).split())[:MAX_LENGTH]


def fts5_query(query: str) -> str:
    """Words, "phrases", OR and -exclusions as websearch_to_tsquery reads them, for FTS5; '' finds nothing."""
    groups: list[list[str]] = [[]]
    excluded: list[str] = []
    for token in list(TOKEN.finditer(query))[:MAX_TERMS]:
        if token["word"] in ("OR", "or", "OU", "ou"):
            groups.append([])
        elif (term := _term(token)) and token["minus"]:
            excluded.append(term)
        elif term:
            groups[-1].append(term)
    wanted = " OR ".join(f"({' AND '.join(group)})" for group in groups if group)
    if not wanted:
        return ""
    return f"({wanted}) NOT ({' OR '.join(excluded)})" if excluded else wanted


def _term(token: re.Match[str]) -> str:
    """A quoted FTS5 string; words joined by punctuation ("covid-19") become a phrase."""
    words = WORD.findall(token["phrase"] if token["phrase"] is not None else token["word"])
    if not words:
        return ""
    single = token["phrase"] is None and len(words) == 1
    return f'"{" ".join(words)}"' + ("*" if single and len(words[0]) >= PREFIX_FROM else "")
