"""The same work for every partition, on a cluster or with whatever Dask is set to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from collectkit.errors import CallError
from collectkit.progress import listening, steps

#: Partitions per core that are worked on before their results are given: more hold more, fewer wait for the last.
_AT_ONCE = 4


def each(call: Callable[[int], Any], count: int, what: str, client: Any) -> Iterator[Any]:
    """What a call gives for the numbers below a count, as they come; the listener hears how many are done.

    Notes
    -----
    On a cluster the results that have come are let go there, so that a worker that dies takes along only what it had
    in hand; that is done again by the others. Without one Dask gives results at the end alone, so it is asked for some
    at a time: who adds them up never holds all.
    """
    try:
        import dask
        from dask.callbacks import Callback
    except ImportError as error:
        raise CallError("Dask is not installed. Install `collectkit[distributed]`.") from error
    sizes, call = [1] * count, partial(_unheard, call)
    if client is not None:
        from distributed import as_completed

        done = as_completed(client.map(call, range(count), pure=False), with_results=True)
        for _, result in steps(done, what, sizes):
            yield result
        return
    told = steps(range(count), what, sizes)
    next(told, None)
    some = _AT_ONCE * (os.cpu_count() or 1)
    for begin in range(0, count, some):
        asked = [dask.delayed(call, pure=False)(number) for number in range(begin, min(begin + some, count))]
        with Callback(posttask=lambda *_: next(told, None)):
            results = list(dask.compute(*asked))
        while results:
            yield results.pop(0)


def _unheard(call: Callable[[int], Any], number: int) -> Any:
    """What a call gives; the steps inside it are nobody's, partitions are what is counted."""
    with listening(lambda *_: None):
        return call(number)
