"""Pages: margins, header and footer, "page n / N", contents entries, outline, one set of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate
from reportlab.platypus.doctemplate import IndexingFlowable

from . import styles
from .fonts import REGULAR, check_glyphs, register_fonts

MAX_PASSES = 6


@dataclass(frozen=True)
class PageText:
    """What the pages of one document carry besides their text."""

    title: str
    subject: str
    author: str
    language: str
    header_left: str
    header_right: str
    footer_left: str
    page_word: str


class PageTotal(IndexingFlowable):
    """Nothing to see: asks for one more pass until the number of pages is known."""

    def __init__(self) -> None:
        super().__init__()
        self.width = self.height = 0
        self._seen = 0
        self.total = 0

    def isIndexing(self) -> int:
        """Tell reportlab that this part needs several passes."""
        return 1

    def isSatisfied(self) -> bool:
        """Whether the last pass had as many pages as the one before."""
        return self._seen == self.total

    def beforeBuild(self) -> None:
        """Remember the count of the pass that just ended."""
        self.total = self._seen

    def count(self, page: int) -> None:
        """Take the number of the page that is being drawn."""
        self._seen = page if page == 1 else max(self._seen, page)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Take no room."""
        return 0, 0

    def draw(self) -> None:
        """Draw nothing."""


class _PagesTemplate(BaseDocTemplate):
    """One frame a page; headings feed the contents page and the outline."""

    def __init__(self, target: BytesIO, text: PageText, total: PageTotal) -> None:
        super().__init__(
            target,
            pagesize=(styles.PAGE_WIDTH, styles.PAGE_HEIGHT),
            title=text.title,
            subject=text.subject,
            author=text.author,
            creator="corpus/_sources/build.py",
            lang={"ko": "ko-KR", "en": "en"}[text.language],
            displayDocTitle=True,
            invariant=1,
            pageCompression=1,
            # Otherwise reportlab opens the first page in Helvetica and writes that font in.
            initialFontName=REGULAR,
        )
        frame = Frame(
            styles.MARGIN_SIDE,
            styles.MARGIN_BOTTOM,
            styles.TEXT_WIDTH,
            styles.PAGE_HEIGHT - styles.MARGIN_TOP - styles.MARGIN_BOTTOM,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        self._text = text
        self._total = total
        self._entry = 0
        # The footer is drawn last, so that extracted text has it at the end of the page.
        self.addPageTemplates(
            [
                PageTemplate(
                    id="page",
                    frames=[frame],
                    onPage=self._draw_header,
                    onPageEnd=self._draw_footer,
                )
            ]
        )

    def _draw_header(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        self._total.count(canvas.getPageNumber())
        top = styles.PAGE_HEIGHT - styles.MARGIN_TOP + 14
        self._draw_edge(canvas, top, 6, self._text.header_left, self._text.header_right)

    def _draw_footer(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        page = canvas.getPageNumber()
        number = f"{self._text.page_word} {page} / {self._total.total or page}"
        bottom = styles.MARGIN_BOTTOM - 12
        self._draw_edge(canvas, bottom, -12, self._text.footer_left, number)

    def _draw_edge(self, canvas: Canvas, y: float, above: float, left: str, right: str) -> None:
        start, end = styles.MARGIN_SIDE, styles.PAGE_WIDTH - styles.MARGIN_SIDE
        canvas.saveState()
        canvas.setFont(REGULAR, 7.8)
        canvas.setFillColor(styles.QUIET)
        canvas.setStrokeColor(styles.RULE)
        canvas.setLineWidth(0.5)
        canvas.line(start, y, end, y)
        canvas.drawString(start, y + above, left)
        canvas.drawRightString(end, y + above, right)
        canvas.restoreState()

    def beforeDocument(self) -> None:
        """Start to number the outline entries anew at each pass."""
        self._entry = 0

    def afterFlowable(self, flowable: Flowable) -> None:
        """Enter a heading in the contents page and the outline."""
        level: int | None = getattr(flowable, "heading_level", None)
        if level is None or level > 2:
            return
        key = f"heading-{self._entry}"
        self._entry += 1
        plain = flowable.getPlainText()
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(plain, key, level=level - 1, closed=level == 1)
        self.notify("TOCEntry", (level - 1, flowable.text, self.page, key))


def build_pdf(flowables: Sequence[Flowable], text: PageText) -> bytes:
    """Set ``flowables`` as pages and return the bytes of the PDF, the same ones for the same input.

    Raises SourceError when a header or footer holds a character without a glyph.
    """
    register_fonts()
    check_glyphs(text.header_left + text.header_right + text.footer_left, text.title)
    target = BytesIO()
    total = PageTotal()
    _PagesTemplate(target, text, total).multiBuild([total, *flowables], maxPasses=MAX_PASSES)
    return target.getvalue()
