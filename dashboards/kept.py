"""Results that the process keeps for all readers: computed once, whoever asks and however many ask at the same time.

`pn.cache` computes twice when two ask together, and cannot say whether a result is there yet; a page has to know that,
so that it shows progress for what takes long and draws at once what does not.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


_all: WeakSet[Kept] = WeakSet()


class Kept:
    """A function whose latest results are kept; arguments are hashable, results are never changed by a reader."""

    def __init__(self, compute: Callable[..., Any], most: int, depends_on: Callable[..., Any] | None = None) -> None:
        self.__doc__ = compute.__doc__
        self.__name__ = compute.__name__
        self._compute, self._most, self._depends_on = compute, most, depends_on
        _all.add(self)
        self._results: OrderedDict[tuple[Hashable, ...], Future[Any]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, *arguments: Hashable) -> Any:
        """The kept result; who comes first computes it, the others wait."""
        arguments = self._reduced(arguments)
        with self._lock:
            result = self._results.get(arguments)
            is_first = result is None
            if result is None:
                result = self._results[arguments] = Future()
                while len(self._results) > self._most:
                    self._results.popitem(last=False)
            self._results.move_to_end(arguments)
        if is_first:
            self._fill(result, arguments)
        return result.result()

    def is_there(self, *arguments: Hashable) -> bool:
        """True if the result needs no computing."""
        arguments = self._reduced(arguments)
        with self._lock:
            result = self._results.get(arguments)
        return result is not None and result.done()

    def clear(self) -> None:
        """Drop every result."""
        with self._lock:
            self._results.clear()

    def _reduced(self, arguments: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        """What the result depends on."""
        return arguments if self._depends_on is None else (self._depends_on(*arguments),)

    def _fill(self, result: Future[Any], arguments: tuple[Hashable, ...]) -> None:
        """Compute; a failure is told to all who wait and not kept."""
        try:
            result.set_result(self._compute(*arguments))
        except BaseException as error:
            with self._lock:
                if self._results.get(arguments) is result:
                    del self._results[arguments]
            result.set_exception(error)


def forget() -> None:
    """Drop every result of every kept function."""
    for function in list(_all):
        function.clear()


def kept(most: int, depends_on: Callable[..., Any] | None = None) -> Callable[[Callable[..., Any]], Kept]:
    """Keep the latest results of a function, at most so many; `depends_on` makes its one argument of what is given."""
    return lambda compute: Kept(compute, most, depends_on)
