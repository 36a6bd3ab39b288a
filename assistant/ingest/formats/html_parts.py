"""Parts of a page: which are content and which are trimmings; what a form holds; mathematics as a line of text.

Runs after what nobody sees has gone (see `html_seen`).
"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from assistant.ingest.formats.html_seen import is_button
from assistant.ingest.formats.raised import lowered, raised

#: Never content. What `noscript` holds is seen by nobody whose browser runs scripts.
_NEVER = ["script", "style", "noscript", "template", "nav", "iframe", "canvas", "object", "audio", "video",
          "head", "datalist", "annotation", "annotation-xml", "rp"]  # fmt: skip
_NOT_CONTENT = (
    '[role="navigation"], [role="search"], [role="menu"], [role="menubar"], [aria-haspopup="true"], .navheader,'
    " .navfooter, .breadcrumb, .breadcrumbs"
)
#: Parts of a drawing that are drawn nowhere, or only where something refers to them.
_NOT_DRAWN = ["defs", "symbol", "title", "desc", "metadata", "style", "script", "clippath", "mask", "pattern", "marker"]
#: Parts that hold links to elsewhere as often as content.
_DOUBTFUL = 'aside, footer, header, [role="banner"], [role="contentinfo"], [role="complementary"]'
#: Of such a part, the share of letters inside links from which it is a box of links.
_LINKED = 0.5
#: The same for whatever stands beside the article of a page.
_LINKED_AROUND = 0.4
_TEXT_PARTS = ["p", "li", "td", "dd", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_OPENS = ("aria-controls", "aria-expanded", "data-bs-target", "data-target")
#: Fields that show what they hold.
_SHOWN_FIELDS = ("", "text", "number", "date", "datetime-local", "month", "week", "time", "email", "tel", "url")


def leave_content(soup: BeautifulSoup) -> None:
    """Take trimmings out of a page; write values of fields, questions that are buttons, and formulas as text."""
    for element in soup.find_all("math"):
        _write_formula(element)
    for reading in soup.find_all("rt"):  # how a word is read stands above it
        text = "".join(str(each) for each in reading.descendants if isinstance(each, NavigableString))
        reading.replace_with(NavigableString(f"({text.strip()})"))
    _leave_decoration(soup)
    for drawing in soup.find_all("svg"):
        if not drawing.decomposed:
            _write_drawing(drawing)
    for element in [*soup.find_all(_NEVER), *soup.select(_NOT_CONTENT)]:
        if not element.decomposed:
            element.decompose()
    for element in soup.select(_DOUBTFUL):
        if not element.decomposed and _is_trimming(element):
            element.decompose()
    _write_fields(soup)
    _write_buttons(soup)


def beside(body: Tag, root: Tag) -> tuple[list[Tag], list[Tag]]:
    """Give boxes with content before and after the main part `body` of a page, such as a warning beside the steps."""
    before: list[Tag] = []
    after: list[Tag] = []
    passed = False
    for element in root.find_all(True):
        if element is body:
            passed = True
        elif element.name in ("aside", "dialog") or element.get("role") in ("note", "alert", "alertdialog"):
            outer = {id(parent) for parent in element.parents}
            taken = {id(each) for each in (*before, *after, body)}
            around = id(element) in {id(parent) for parent in body.parents}
            if not (around or outer & taken or element.find_parent(["header", "footer"])):
                (after if passed else before).append(element)
    return before, after


def leave_around(article: Tag, root: Tag) -> None:
    """Take out what stands around the one article of a page and only leads elsewhere."""
    inside = article
    while inside is not root and inside.parent is not None:
        for other in [*inside.previous_siblings, *inside.next_siblings]:
            if isinstance(other, Tag) and _linked(other, other.find_all("a", href=True)) >= _LINKED_AROUND:
                other.decompose()
        inside = inside.parent


def _leave_decoration(soup: BeautifulSoup) -> None:
    """What is hidden from screen readers is seen by everybody else: only marks and icons go."""
    for element in soup.select('[aria-hidden="true"]'):
        if element.decomposed:
            continue
        classes = " ".join(element.get("class") or []).lower()
        icon = element.name in ("i", "svg", "img") or "icon" in classes
        formula = element.parent is not None and element.parent.find("math") is not None
        twin = element.parent is not None and element.parent.select_one("[data-formula]") is not None
        if icon or formula or twin or not any(char.isalnum() for char in element.get_text()):
            element.decompose()


def _write_drawing(drawing: Tag) -> None:
    """The words that stand in a drawing, each text a line; a drawing inside a line stays in it."""
    for element in drawing.find_all(_NOT_DRAWN):
        if not element.decomposed:
            element.decompose()
    pieces = drawing.find_all(["text", "foreignobject"])
    lines = [" ".join(each.get_text(" " if each.name != "text" else "").split()) for each in pieces]
    lines = [line for line in lines if line]
    around = drawing.parent.find_all(string=True, recursive=False) if drawing.parent is not None else []
    if any(text.strip() for text in around if isinstance(text, NavigableString)) or len(lines) == 1:
        written = Tag(name="span" if any(text.strip() for text in around) else "p")
        written.string = f" {' '.join(lines)} "
        drawing.replace_with(written)
        return
    for line in lines:
        paragraph = Tag(name="p")
        paragraph.string = line
        drawing.insert_before(paragraph)
    drawing.decompose()


def _is_trimming(element: Tag) -> bool:
    """Whether a part holds links to elsewhere, or fields to type in, rather than content."""
    links = element.find_all("a", href=True)
    away = [link for link in links if not str(link.get("href")).startswith("#")]
    if element.name != "aside" and element.find_parent(["article", "main", "section", "aside"]) is None:
        # the head and the foot of the whole page
        return bool(away) and (element.find(["h1", "h2"]) is None or _linked(element, links) >= _LINKED)
    if element.find(["input", "select", "textarea"]) is not None and element.find(_TEXT_PARTS) is None:
        return True
    return bool(away) and _linked(element, links) >= _LINKED


def _linked(element: Tag, links: list[Tag]) -> float:
    """The share of a part's letters that stand inside links."""
    letters = len("".join(element.get_text().split()))
    return sum(len("".join(link.get_text().split())) for link in links) / letters if letters else 0.0


def _write_fields(soup: BeautifulSoup) -> None:
    for field in soup.find_all(["input", "select", "textarea"]):
        field.replace_with(NavigableString(_shown_value(field)))


def _shown_value(field: Tag) -> str:
    if field.name == "textarea":
        return f" {field.get_text()} "
    if field.name == "select":
        options = field.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not field.has_attr("multiple"):
            chosen = [option for option in options[:1] if option.get("value") != ""]
        return f" {', '.join(option.get_text().strip() for option in chosen)} "
    kind = str(field.get("type") or "").lower()
    if kind in ("checkbox", "radio"):
        return " ☑ " if field.has_attr("checked") else " ☐ "
    return f" {field.get('value') or ''} " if kind in _SHOWN_FIELDS else ""


def _write_buttons(soup: BeautifulSoup) -> None:
    """A button in a heading, or one that opens a part, is content, and stands above what it opens; others go."""
    for button in soup.find_all(["button", "summary"]):
        inside = button.find_parent([*_HEADINGS, "summary", "dt", "label", "legend", "th"])
        opens = button.name == "summary" or any(button.has_attr(name) for name in _OPENS)
        if inside is not None or button.find(_HEADINGS) is not None:
            button.unwrap()
        elif opens or _opens_next(button):
            above = button.find_previous(lambda tag: tag.name in _HEADINGS and not tag.has_attr("data-opens"))
            button.name = f"h{min(6, int(above.name[1]) + 1 if isinstance(above, Tag) else 2)}"
            button["data-opens"] = "1"
        else:
            button.decompose()


def _opens_next(button: Tag) -> bool:
    """Whether a button stands alone right above a part, as on pages whose script opens it."""
    following = button.find_next_sibling()
    if not isinstance(following, Tag) or following.name not in ("div", "p", "section", "dd", "ul", "ol", "table"):
        return False
    return len(following.get_text(strip=True)) > 0 and _alone(button) and is_button(button) and _repeats(button)


def _alone(button: Tag) -> bool:
    around = [button.previous_sibling, button.next_sibling]
    return not any(isinstance(each, NavigableString) and each.strip() for each in around)


def _repeats(button: Tag) -> bool:
    """Whether it has a class in common with its neighbours, or its text asks something."""
    classes = set(button.get("class") or [])
    others = button.find_next_siblings("button") + button.find_previous_siblings("button")
    return any(classes & set(other.get("class") or []) for other in others) or button.get_text(strip=True).endswith("?")


def _write_formula(formula: Tag) -> None:
    for element in reversed(formula.find_all(["msup", "msub", "msubsup", "mfrac", "msqrt", "annotation",
                                              "annotation-xml"])):  # fmt: skip
        parts = [child.get_text(strip=True) for child in element.children if isinstance(child, Tag)]
        if element.name.startswith("annotation"):
            element.decompose()
        elif element.name == "msqrt":
            element.replace_with(NavigableString(f"√({element.get_text(strip=True)})"))
        elif len(parts) >= 2:
            element.replace_with(NavigableString(_composed(element.name, parts)))
    written = formula.find_parent("span") or formula
    formula.replace_with(NavigableString("".join(formula.get_text().split())))
    if written is not formula:
        written["data-formula"] = "1"


def _composed(name: str, parts: list[str]) -> str:
    first, second = parts[0], parts[1]
    if name == "mfrac":
        return "/".join(part if len(part) == 1 or part.isalnum() else f"({part})" for part in (first, second))
    if name == "msup":
        return first + raised(second)
    return first + lowered(second) + (raised(parts[2]) if name == "msubsup" and len(parts) > 2 else "")
