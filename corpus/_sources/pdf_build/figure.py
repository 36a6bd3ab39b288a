"""Vector figures drawn from a list of shapes.

Shapes are tuples in the units of the figure, the origin at the lower left:

* ``("box", x, y, width, height, tone, text)``: a part of the machine; ``text`` may be empty
* ``("disc", x, y, radius, tone)`` and ``("line", x1, y1, x2, y2, tone)``
* ``("label", x, y, label_x, label_y, text)``: a leader from the point (x, y) to a text
* ``("lock", x, y, name)``: a lockout point with its short name

Tones are "body", "dark", "light", "guard", "hazard". Boxes have rounded corners: their edges do
not meet, so a reader that looks for ruled tables finds none in a drawing.
"""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Spacer
from reportlab.platypus import Paragraph as ParagraphFlowable

from . import styles
from .blocks import Figure
from .errors import SourceError
from .fonts import BOLD, REGULAR

CORNER = 5.0
LABEL_SIZE = 8.2
FILLS = {
    "body": HexColor("#d7e0ea"),
    "dark": HexColor("#9fb0c3"),
    "light": HexColor("#f3f6f9"),
    "guard": HexColor("#fff3c9"),
    "hazard": HexColor("#f7d3cf"),
}


class _FigureFlowable(Flowable):
    def __init__(self, block: Figure) -> None:
        super().__init__()
        self._block = block
        self._scale = styles.TEXT_WIDTH / block.width
        self.width = styles.TEXT_WIDTH
        self.height = block.height * self._scale

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        # Leaders and texts come last, over the parts they point at.
        order = {"box": 0, "disc": 0, "line": 0, "lock": 1, "label": 2}
        for shape in sorted(self._block.shapes, key=lambda shape: order.get(shape[0], 3)):
            self._draw_shape(shape)

    def _draw_shape(self, shape: tuple[Any, ...]) -> None:
        canvas, kind = self.canv, shape[0]
        canvas.saveState()
        canvas.setStrokeColor(styles.INK)
        canvas.setLineWidth(0.8)
        match shape:
            case ("box", x, y, width, height, tone, text):
                self._box(x, y, width, height, tone, text)
            case ("disc", x, y, radius, tone):
                canvas.setFillColor(FILLS[tone])
                canvas.circle(*self._at(x, y), radius * self._scale, fill=1)
            case ("line", x1, y1, x2, y2, tone):
                canvas.setLineWidth(2.4)
                canvas.setStrokeColor(styles.RULE if tone == "light" else styles.QUIET)
                if tone == "guard":
                    canvas.setDash(5, 3)
                canvas.line(*self._at(x1, y1), *self._at(x2, y2))
            case ("label", x, y, label_x, label_y, text):
                self._label(x, y, label_x, label_y, text)
            case ("lock", x, y, name):
                self._lock(x, y, name)
            case _:
                raise SourceError(f"figure: no such shape {kind!r} with {len(shape) - 1} values")
        canvas.restoreState()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * self._scale, y * self._scale

    def _box(self, x: float, y: float, width: float, height: float, tone: str, text: str) -> None:
        canvas = self.canv
        canvas.setFillColor(FILLS[tone])
        scaled = (width * self._scale, height * self._scale)
        corner = min(CORNER, min(scaled) / 2)
        canvas.roundRect(*self._at(x, y), *scaled, corner, fill=1)
        if text:
            canvas.setFillColor(styles.INK)
            canvas.setFont(REGULAR, LABEL_SIZE)
            centre_x, centre_y = self._at(x + width / 2, y + height / 2)
            canvas.drawCentredString(centre_x, centre_y - LABEL_SIZE / 3, text)

    def _label(self, x: float, y: float, label_x: float, label_y: float, text: str) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.6)
        canvas.line(*self._at(x, y), *self._at(label_x, label_y))
        canvas.setFillColor(styles.INK)
        canvas.circle(*self._at(x, y), 1.6, fill=1)
        text_width = stringWidth(text, REGULAR, LABEL_SIZE)
        left, baseline = self._at(label_x, label_y)
        left = min(max(left - text_width / 2, 1), self.width - text_width - 1)
        canvas.setFillColor(white)
        canvas.setStrokeColor(white)
        canvas.roundRect(left - 2, baseline - 4, text_width + 4, LABEL_SIZE + 4, 4, fill=1)
        canvas.setFillColor(styles.INK)
        canvas.setFont(REGULAR, LABEL_SIZE)
        canvas.drawString(left, baseline - 1, text)

    def _lock(self, x: float, y: float, name: str) -> None:
        canvas = self.canv
        centre_x, centre_y = self._at(x, y)
        canvas.setFillColor(styles.NOTICE_COLOURS["danger"])
        canvas.circle(centre_x, centre_y, 8.5, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(BOLD, 7.4)
        canvas.drawCentredString(centre_x, centre_y - 2.6, name)


def figure_height(block: Figure) -> float:
    """Points that the drawing and its caption take."""
    return block.height * styles.TEXT_WIDTH / block.width + 40


def figure_flowables(block: Figure) -> list[Flowable]:
    """The drawing across the text width, with its caption below."""
    caption = ParagraphFlowable(block.caption, styles.FIGURE_CAPTION)
    return [Spacer(1, 6), _FigureFlowable(block), caption]
