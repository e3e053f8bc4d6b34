"""Bands of days: ageing buckets and asset classes; each table covers every day from 1 on, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from collectkit.rules import Dated, LateDays, Rules, Text, checked


class Band(Rules):
    """Days from `min_days` to `max_days`, both included; the last band has no end."""

    min_days: LateDays
    max_days: LateDays | None = None

    @property
    def span(self) -> str:
        """Its days in words: ``1–30`` or ``181+``."""
        return f"{self.min_days}+" if self.max_days is None else f"{self.min_days}–{self.max_days}"


class NamedBand(Band):
    """A band of days with a name."""

    name: Text


class Banded(Dated):
    """Bands that cover every day from 1 on, once."""

    BANDS: ClassVar[str]

    def codes(self, days: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """Position of each number of days in the bands, from 1; 0 for day 0."""
        edges = np.array([band.min_days for band in self._bands()])
        return np.searchsorted(edges, np.asarray(days), side="right").astype(np.int8)

    def _bands(self) -> Sequence[Any]:
        return getattr(self, self.BANDS)

    @model_validator(mode="after")
    def _cover_every_day(self) -> Self:
        starts = [band.min_days for band in self._bands()]
        if starts != sorted(starts):
            raise ValueError(f"bands are not in the order of their days ({starts}); sort them by min_days")
        expected: int | None = 1
        for band in self._bands():
            if expected is None:
                raise ValueError(
                    f"a band after the open one starts at {band.min_days}; only the last band has no max_days"
                )
            if band.min_days > expected:
                raise ValueError(
                    f"gap: days {expected} to {band.min_days - 1} are in no band; write min_days = {expected}"
                )
            if band.min_days < expected:
                raise ValueError(f"overlap at day {band.min_days}; write min_days = {expected}")
            if band.max_days is not None and band.max_days < band.min_days:
                raise ValueError(f"max_days {band.max_days} is before min_days {band.min_days}")
            expected = None if band.max_days is None else band.max_days + 1
        if expected is not None:
            raise ValueError(f"gap: days from {expected} on are in no band; leave out max_days of the last one")
        return self

    @classmethod
    def of(cls, bands: Sequence[Mapping[str, Any]]) -> Self:
        """A table made of bands alone, for use outside a policy file."""
        table = {"name": "bands", "effective_from": dt.date(1950, 1, 1), "source": "given in the call"}
        return checked(cls, table | {cls.BANDS: list(bands)}, "the call")


class NamedBands(Banded):
    """Named bands below which lies one name for day 0."""

    DAY_ZERO: ClassVar[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order, the one for day 0 first."""
        return (self.DAY_ZERO, *(band.name for band in self._bands()))

    @property
    def spans(self) -> tuple[str, ...]:
        """Days of each name in words: ``0``, ``1–30``, …, ``181+``; print them beside the names."""
        return ("0", *(band.span for band in self._bands()))

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        if len(set(self.names)) != len(self.names):
            raise ValueError(f"names repeat: {', '.join(self.names)}; {self.DAY_ZERO} is always the not-overdue one")
        return self


class BucketScheme(NamedBands):
    """Ageing buckets; picked by name and `as_of`. M0 is always the not-overdue bucket."""

    name: Text
    buckets: tuple[NamedBand, ...] = Field(min_length=1, max_length=100)
    BANDS: ClassVar[str] = "buckets"
    DAY_ZERO: ClassVar[str] = "M0"


class AssetClasses(NamedBands):
    """Regulatory asset classes; picked by `as_of`. `normal` is the class of day 0."""

    name: Text
    classes: tuple[NamedBand, ...] = Field(min_length=1, max_length=100)
    BANDS: ClassVar[str] = "classes"
    DAY_ZERO: ClassVar[str] = "normal"
