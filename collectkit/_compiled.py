"""How functions are compiled: without the interpreter's lock, kept on disk, over arrays that are only borrowed."""

from __future__ import annotations

from typing import Any

from numba import njit

# Arrays are only borrowed from the caller, so counting references to them (`_nrt`) is off: the counting, an atomic
# operation at every call, took four fifths of the time. Small steps are put in line for the same reason.
_OPTIONS: Any = {"nogil": True, "error_model": "numpy", "_nrt": False}
jit: Any = njit(cache=True, **_OPTIONS)
inline: Any = njit(inline="always", **_OPTIONS)
