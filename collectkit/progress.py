"""How far long work has come: the package tells whoever listens, and says nothing when nobody does.

A listener is called with what is being done, how much of it is done, and how much there is, in the same unit (rows,
files, bytes). It is told of the work of its own thread; the command shows a bar, a page a percentage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Listener = Callable[[str, int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have a listener told, as long as this lasts.

    Examples
    --------
    >>> heard = []
    >>> with listening(lambda what, done, total: heard.append((what, done, total))):
    ...     names = [name for name in steps(["loans", "payments"], "reading", [30, 70])]
    >>> heard
    [('reading', 0, 100), ('reading', 30, 100), ('reading', 100, 100)]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def steps(items: Iterable[Item], what: str, sizes: Sequence[int]) -> Iterator[Item]:
    """The items, one after the other; the listener hears after each how much of the work is done.

    Parameters
    ----------
    items : iterable
    what : str
        What is being done, in English.
    sizes : sequence of int
        How much work each item is, in any one unit.

    Examples
    --------
    >>> list(steps("ab", "reading", [1, 1]))
    ['a', 'b']
    """
    listener, done, total = _listener.get(), 0, sum(sizes)
    if listener:
        listener(what, 0, total)
    for item, size in zip(items, sizes, strict=True):
        yield item
        done += size
        if listener:
            listener(what, done, total)
