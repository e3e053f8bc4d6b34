"""What a card can hold: a chart, a table, a word why there is neither, or that its figures are still computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from dashboards.kept import Kept


@dataclass(frozen=True)
class Shown:
    """A chart card's content: the figure, the same in words, the table behind it, unit, definition, a word to add."""

    figure: go.Figure
    text: str
    table: pd.DataFrame | None = None
    unit: str = ""
    definition: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """A table card's content: the rows, what they are, and the definition."""

    rows: pd.DataFrame
    sub: str = ""
    definition: Sequence[str] = ()


@dataclass(frozen=True)
class Later:
    """Figures that a card needs and that take a while: a kept function and its arguments."""

    need: Kept
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Hidden:
    """That a card is not for the reader: the role it needs."""

    role: str


@dataclass(frozen=True)
class NoLoans:
    """That a card needs loans, and the portfolio is a file of month ends."""


@dataclass(frozen=True)
class Nothing:
    """Why a card has nothing to show, or too little to say anything."""

    why: str
    is_small: bool = False
