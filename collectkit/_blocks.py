"""Long columns worked on block by block: a block stays in the processor's cache, and every core takes blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Part = TypeVar("Part")
Result = TypeVar("Result")

#: Rows of a block.
BLOCK = 2**17


def by_blocks(work: Callable[[slice], Result], rows: int, *, most: int = BLOCK) -> list[Result]:
    """What `work` gives for each block of rows, in order.

    Parameters
    ----------
    work : callable
        Takes the slice of a block; must not mind being called from several threads at once.
    rows : int
    most : int, optional
        Rows of a block; fewer rows are one block, in the thread of the caller.

    Examples
    --------
    >>> by_blocks(lambda rows: rows.stop - rows.start, 5, most=2)
    [2, 2, 1]
    """
    return together(work, [slice(first, min(first + most, rows)) for first in range(0, rows, most)])


def together(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """What `work` gives for each part, in order; several parts are worked on by as many threads as there are cores.

    Examples
    --------
    >>> together(len, ["a", "bc"])
    [1, 2]
    """
    parts = list(parts)
    threads = min(len(parts), os.cpu_count() or 1)
    if threads <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))


def computed(work: Callable[..., Any], *columns: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """A column computed from others of the same length, block by block.

    Examples
    --------
    >>> computed(lambda a, b: a < b, np.array([1, 2]), np.array([2, 2]), dtype=bool).tolist()
    [True, False]
    """
    result = np.empty(len(columns[0]), dtype)

    def fill(rows: slice) -> None:
        result[rows] = work(*(column[rows] for column in columns))

    by_blocks(fill, len(result))
    return result


def ascend(*keys: npt.NDArray[Any], strictly: bool = False) -> bool:
    """True if rows stand in the order of their keys, the last of which weighs most.

    Parameters
    ----------
    strictly : bool, default False
        No two rows may have the same keys.

    Examples
    --------
    >>> number, loan = np.array([1, 2, 1, 1]), np.array([0, 0, 1, 1])
    >>> ascend(number, loan), ascend(number, loan, strictly=True)
    (True, False)
    """

    def check(rows: slice) -> bool:
        after: Any = False
        equal: Any = not strictly
        for key in keys:  # a later key overrules
            before, here = key[max(rows.start - 1, 0) : rows.stop - 1], key[max(rows.start, 1) : rows.stop]
            after = (here > before) | ((here == before) & (after | equal))
            equal = False
        return bool(np.all(after))

    return all(by_blocks(check, len(keys[0])))
