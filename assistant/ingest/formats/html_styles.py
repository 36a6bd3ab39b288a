"""Style sheets of a page and style attributes: which declaration holds for which element.

Sheets inside the page are known, and those beside it that can be had, for a screen of ordinary width; what depends on
scripts or on the pointer is not. The module knows nothing of what the declarations mean.
"""

from __future__ import annotations

import posixpath
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import suppress

import cssselect
import tinycss2
from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from assistant.ingest.formats.source import Other

#: The window that a page is taken to be read in, in pixels.
WIDTH, HEIGHT = 1280, 720

#: Sheets that one page may take in, and variables inside variables that are followed.
_MOST_SHEETS = 30
_DEEPEST = 5
_LAYER = re.compile(r"\blayer(?:\([^)]*\))?|\bsupports\((?:[^()]|\([^()]*\))*\)")
_CONDITION = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)(px|em|rem)\s*\)")
_NAMES_IN_SELECTOR = re.compile(r"([.#])((?:[\w-]|[^\x00-\x7f]|\\.)+)")
_ATTRIBUTE = re.compile(r"\[[^\]]*\]")
_HOLDS_OTHERS = re.compile(r":(?:not|is|where|has|matches)\(")

#: What classes of common frameworks say (Bootstrap, Tailwind, WordPress), whose sheets lie elsewhere.
_FRAMEWORKS = """
.line-through, .text-decoration-line-through { text-decoration: line-through }
.hidden:not([class*=":"]) { display: none }
.d-none:not([class*="d-sm-"]):not([class*="d-md-"]):not([class*="d-lg-"]):not([class*="d-xl-"]) { display: none }
.invisible { visibility: hidden }
.sr-only, .visually-hidden, .screen-reader-text { position: absolute; clip: rect(0, 0, 0, 0) }
"""

#: Tokens of a value, and what decides between declarations: importance, a style attribute, specificity, order.
_Given = tuple[tuple[bool, bool, tuple[int, int, int], int], list[tinycss2.ast.Node]]


class Styles:
    """The declarations that hold for each element of a page, by property; nothing is inherited here."""

    def __init__(self, soup: BeautifulSoup, wanted: frozenset[str], other: Other | None = None) -> None:
        self._soup = soup
        self._other = other
        self._read: set[str] = set()
        self._custom: dict[str, set[str]] = {}
        #: Whether all sheets that the page refers to could be had.
        self.complete = True
        self._wanted = wanted
        self._count = 0
        self._given: dict[int, dict[str, _Given]] = {}
        self._found: dict[str, list[Tag]] = {}
        self._names: set[str] | None = None
        if soup.find(["link", "script"], attrs={"href": True}) or soup.find("script", src=True):
            self._rules(tinycss2.parse_stylesheet(_FRAMEWORKS, True, True), "")
        for sheet in soup.find_all(["style", "link"]):
            if not _holds_on_screen(str(sheet.get("media") or "")) or sheet.find_parent(["noscript", "template"]):
                continue
            if sheet.name == "style":
                self._rules(tinycss2.parse_stylesheet(sheet.string or sheet.get_text(), True, True), "")
            else:
                rel: object = sheet.get("rel") or []
                kinds = {each.lower() for each in (rel if isinstance(rel, list) else str(rel).split())}
                if "stylesheet" in kinds and "alternate" not in kinds and not sheet.has_attr("disabled"):
                    self._sheet(str(sheet.get("href") or ""), "")

    def of(self, element: Tag) -> Mapping[str, list[tinycss2.ast.Node]]:
        """Give the declared values of an element, as tokens without white space around them."""
        given = dict(self._given.get(id(element), ()))
        inline = element.get("style")
        if inline:
            for name, tokens, important in self._declarations(tinycss2.parse_blocks_contents(str(inline), True, True)):
                _set(given, name, ((important, True, (0, 0, 0), self._next()), tokens))
        return {name: self._resolved(tokens) for name, (_, tokens) in given.items()}

    def _resolved(self, tokens: list[tinycss2.ast.Node], depth: int = 0) -> list[tinycss2.ast.Node]:
        """A value with its variables put in, where the page gives each only one meaning."""
        if depth > _DEEPEST or not any(each.type == "function" and each.lower_name == "var" for each in tokens):
            return tokens
        found: list[tinycss2.ast.Node] = []
        for token in tokens:
            if token.type != "function" or token.lower_name != "var":
                found.append(token)
                continue
            name = next((each.value for each in token.arguments if each.type == "ident"), "")
            meanings = self._custom.get(name, set())
            if len(meanings) == 1:
                inside = tinycss2.parse_component_value_list(next(iter(meanings)), skip_comments=True)
                found += self._resolved([each for each in inside if each.type != "whitespace"], depth + 1)
            else:
                found.append(token)
        return found

    def _sheet(self, address: str, folder: str) -> None:
        """Take in a style sheet of another file; `folder`: that of the sheet that imports it, from the page."""
        parts = urllib.parse.urlsplit(address.strip())
        name = posixpath.normpath(posixpath.join(folder, urllib.parse.unquote(parts.path)))
        if name in self._read or len(self._read) >= _MOST_SHEETS:
            return
        self._read.add(name)
        known = self._other is not None and parts.path and not (parts.scheme or parts.netloc) and name[0] != "/"
        content = self._other(name) if known and self._other is not None else b""
        if not content:
            self.complete = False
            return
        rules, _ = tinycss2.parse_stylesheet_bytes(content, skip_comments=True, skip_whitespace=True)
        self._rules(rules, "", posixpath.dirname(name))

    def _import(self, rule: tinycss2.ast.Node, folder: str) -> None:
        tokens = [each for each in rule.prelude if each.type not in ("whitespace", "comment")]
        first = tokens[0] if tokens else None
        if first is not None and first.type == "function" and first.lower_name == "url":
            first = next((each for each in first.arguments if each.type == "string"), None)
        rest = tinycss2.serialize(tokens[1:])
        if first is not None and first.type in ("string", "url") and _holds_on_screen(_LAYER.sub("", rest)):
            self._sheet(first.value, folder)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _rules(self, rules: list[tinycss2.ast.Node], above: str, folder: str = "") -> None:
        for rule in rules:
            if rule.type == "at-rule" and rule.lower_at_keyword == "import" and not above:
                self._import(rule, folder)
            elif rule.type == "at-rule" and rule.content is not None:
                name = rule.lower_at_keyword
                applies = name in ("supports", "layer", "container", "scope") or (
                    name == "media" and _holds_on_screen(tinycss2.serialize(rule.prelude))
                )
                if applies:
                    self._rules(tinycss2.parse_rule_list(rule.content, True, True), above)
            elif rule.type == "qualified-rule":
                selector = _nested(tinycss2.serialize(rule.prelude).strip(), above)
                inside = tinycss2.parse_blocks_contents(rule.content, True, True)
                declared = list(self._declarations(inside))
                if declared:
                    self._apply(selector, declared)
                self._rules([each for each in inside if each.type in ("qualified-rule", "at-rule")], selector)

    def _declarations(self, nodes: list[tinycss2.ast.Node]) -> Iterator[tuple[str, list[tinycss2.ast.Node], bool]]:
        for node in nodes:
            if node.type == "declaration" and node.name.startswith("--"):
                self._custom.setdefault(node.name, set()).add(tinycss2.serialize(node.value).strip())
            elif node.type == "declaration" and node.lower_name in self._wanted:
                tokens = [each for each in node.value if each.type not in ("whitespace", "comment")]
                if tokens:
                    yield node.lower_name, tokens, node.important

    def _apply(self, selector: str, declared: list[tuple[str, list[tinycss2.ast.Node], bool]]) -> None:
        for one, specificity in _single(selector):
            for element in self._select(one):
                held = self._given.setdefault(id(element), {})
                for name, tokens, important in declared:
                    _set(held, name, ((important, False, specificity, self._next()), tokens))

    def _select(self, selector: str) -> list[Tag]:
        if selector not in self._found:
            self._found[selector] = []
            if self._may_match(selector):
                # browsers pass over what they do not understand, too
                with suppress(SelectorSyntaxError, NotImplementedError, ValueError):
                    self._found[selector] = list(self._soup.select(selector))
        return self._found[selector]

    def _may_match(self, selector: str) -> bool:
        """Whether the page has all classes and ids that a selector names: most of a framework's rules go here."""
        if self._names is None:
            self._names = set()
            for element in self._soup.find_all(True):
                classes = element.get("class")
                self._names |= {f".{name}" for name in (classes if isinstance(classes, list) else ())}
                self._names.add(f"#{element.get('id')}")
        if _HOLDS_OTHERS.search(selector) or "\\" in selector:
            return True
        return all(
            sign + name in self._names for sign, name in _NAMES_IN_SELECTOR.findall(_ATTRIBUTE.sub("", selector))
        )


def _set(held: dict[str, _Given], name: str, given: _Given) -> None:
    if name not in held or held[name][0] <= given[0]:
        held[name] = given


def _single(selector: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """The selectors of a list, each with its specificity; those of pseudo-elements concern no text of the page."""
    try:
        for each in cssselect.parse(selector):
            if each.pseudo_element is None:
                yield each.canonical(), each.specificity()
    except (cssselect.SelectorError, RecursionError):
        if "::" not in selector:
            yield selector, (0, 1, 0)


def _nested(selector: str, above: str) -> str:
    if not above:
        return selector
    inside = f":is({above})"
    return selector.replace("&", inside) if "&" in selector else f"{inside} {selector}"


def _holds_on_screen(query: str) -> bool:
    """Whether a media query (or one of a list) holds on a screen of ordinary width. Not understood: it does not."""
    return any(_one_holds(part.strip().lower()) for part in query.split(",")) if query.strip() else True


def _one_holds(query: str) -> bool:
    for side, number, unit in _CONDITION.findall(query):
        width = float(number) * (1 if unit == "px" else 16)
        if (side == "min" and width > WIDTH) or (side == "max" and width < WIDTH):
            return False
    words = _CONDITION.sub(" ", query).split()
    return all(word in ("only", "screen", "all", "and") for word in words)
