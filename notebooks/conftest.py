"""How nbval compares the figures of a run with the committed ones: by their data, numbers to twelve digits.

Logarithms and matrix products differ in the last digits from one kind of processor to another; nbval itself lets
texts be made alike (`sanitize.cfg`), but not the data of figures.
"""

from __future__ import annotations

from typing import Any

from nbval.plugin import IPyNbCell

_as_nbval_does = IPyNbCell.sanitize


def _compared(cell: IPyNbCell, value: Any) -> Any:
    """What is compared of an output, however deep it is nested."""
    if isinstance(value, dict):
        return {name: _compared(cell, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_compared(cell, part) for part in value]
    return float(f"{value:.12g}") if isinstance(value, float) else _as_nbval_does(cell, value)


IPyNbCell.sanitize = _compared
