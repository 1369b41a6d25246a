"""Bars as SVG: one row for each name, a bar from zero to its value, a line for the spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL, VALUE, ROW, TOP = 760, 250, 150, 22, 40
OURS, OTHERS = "#2563eb", "#9ca3af"


@dataclass(frozen=True)
class Bar:
    """A value with its spread; `ours` is drawn in a colour of its own."""

    name: str
    value: float
    least: float
    most: float
    ours: bool


def chart(title: str, unit: str, bars: Sequence[Bar]) -> str:
    """The picture. Its text says every figure, so that nothing is told by lengths alone."""
    height = TOP + ROW * len(bars) + 10
    scale = (WIDTH - LABEL - VALUE) / max((bar.value for bar in bars), default=1)
    rows = "\n".join(_row(bar, TOP + ROW * place, scale) for place, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{escape(title)}">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
        f'<text x="10" y="20" font-size="14" font-weight="bold">{escape(title)}</text>\n'
        f'<text x="{WIDTH - 10}" y="20" text-anchor="end" fill="#6b7280">{escape(unit)}</text>\n{rows}\n</svg>\n'
    )


def _row(bar: Bar, top: int, scale: float) -> str:
    middle = top + ROW // 2
    end = LABEL + bar.value * scale
    return (
        f'<text x="{LABEL - 8}" y="{middle + 4}" text-anchor="end">{escape(bar.name)}</text>'
        f'<rect x="{LABEL}" y="{top + 3}" width="{bar.value * scale:.1f}" height="{ROW - 6}" '
        f'fill="{OURS if bar.ours else OTHERS}"/>'
        f'<text x="{end + 6:.1f}" y="{middle + 4}">{bar.value:.3g} ({bar.least:.3g}-{bar.most:.3g})</text>'
    )
