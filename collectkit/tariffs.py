"""What a contract pays an agency: rates by age and by recovery achieved, fees, tail and VAT, as dated data."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from collectkit.bands import Band, Banded
from collectkit.rules import ExactMoney, ExactRate, GraceDays, Rules, Text


class _Priced(Rules):
    """A rate of commission is a share: at most the whole."""

    @field_validator("rate", "rates", "vat_rate", check_fields=False)
    @classmethod
    def _at_most_all(cls, given: Decimal | tuple[Decimal, ...] | None) -> Decimal | tuple[Decimal, ...] | None:
        for rate in given if isinstance(given, tuple) else (given,):
            if rate is not None and rate > 1:
                raise ValueError(f'{rate} looks like percent; write it as a fraction: "{(rate / 100).normalize():f}"')
        return given


class RateBand(Band, _Priced):
    """A band of days with a commission rate."""

    rate: ExactRate


class RecoveryBand(_Priced):
    """Rates from a share of the placed amount on: one `rate` for every age, or `rates`, one for each age band."""

    model_config = ConfigDict(serialize_by_alias=True)
    share: Annotated[ExactRate, Field(alias="from")]
    rate: ExactRate | None = None
    rates: tuple[ExactRate, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.rate is None) == (not self.rates):
            raise ValueError("give `rate`, one for every age band, or `rates`, one for each, and not both")
        if self.share == 0:
            raise ValueError('from "0" is what `bands` says already; write the share from which other rates hold')
        return self


class Tariff(Banded, _Priced):
    """Commission of an agency; picked by name, agency, placement number and placement date.

    Notes
    -----
    `tiering` says what reaching a recovery band does: ``whole`` reprices all cash of the batch, ``marginal`` prices
    each slice at its own rate, ``target`` pays nothing before the first band is reached and then each slice at its
    own rate. A batch is what one agency was given in one calendar month under one version of a tariff.
    """

    name: Text
    agency: Text = "*"
    placement_no: Annotated[int, Field(ge=1, strict=True)] | None = None
    basis: Literal["collected", "placed"] = "collected"
    age_at: Literal["payment", "placement"] = "payment"
    bands: tuple[RateBand, ...] = Field(min_length=1, max_length=100)
    recovery_bands: tuple[RecoveryBand, ...] = Field((), max_length=20)
    tiering: Literal["whole", "marginal", "target"] = "whole"
    minimum_fee: ExactMoney = Decimal(0)
    maximum_fee: ExactMoney | None = None
    flat_fee_per_case: ExactMoney = Decimal(0)
    tail_days: GraceDays = 0
    own_debit_methods: tuple[Text, ...] = ("auto_debit",)
    set_off_methods: tuple[Text, ...] = ("set_off",)
    vat_rate: ExactRate = Decimal(0)
    vat_included: bool = False
    BANDS: ClassVar[str] = "bands"

    @field_validator("maximum_fee", mode="before")
    @classmethod
    def _no_maximum(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("recovery_bands")
    @classmethod
    def _ascending(cls, bands: tuple[RecoveryBand, ...]) -> tuple[RecoveryBand, ...]:
        shares = [band.share for band in bands]
        if any(after <= before for before, after in pairwise(shares)):
            raise ValueError(f"`from` does not ascend ({', '.join(map(str, shares))}); sort the bands, each share once")
        return bands

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.basis == "placed" and self.age_at != "placement":
            raise ValueError('a fee on the amount placed knows only the age at placement; write age_at = "placement"')
        if self.basis == "placed" and self.recovery_bands:
            raise ValueError("a fee on the amount placed does not depend on recovery; leave out recovery_bands")
        if self.tiering != "whole" and not self.recovery_bands:
            raise ValueError(f'tiering "{self.tiering}" needs recovery_bands; write them, or leave tiering out')
        for band in self.recovery_bands:
            if band.rates and len(band.rates) != len(self.bands):
                raise ValueError(
                    f"the recovery band from {band.share} has {len(band.rates)} rates for {len(self.bands)} age bands; "
                    "write one for each"
                )
        if self.maximum_fee is not None and self.maximum_fee < self.minimum_fee:
            raise ValueError(f"maximum_fee {self.maximum_fee} is below minimum_fee {self.minimum_fee}")
        return self

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """Rates of the age bands in order, while no recovery band is reached [fraction]."""
        return tuple(Fraction(band.rate) for band in self.bands)

    @property
    def levels(self) -> tuple[tuple[Fraction, tuple[Fraction, ...]], ...]:
        """Shares recovered from which other rates hold, and the rates of the age bands there; the first is from 0."""
        above = [
            (Fraction(band.share), tuple(map(Fraction, band.rates or (band.rate or 0,) * len(self.bands))))
            for band in self.recovery_bands
        ]
        return ((Fraction(0), self.rates), *above)

    @property
    def spans(self) -> tuple[str, ...]:
        """Days of each age band in words: ``1–90``, …, ``181+``."""
        return tuple(band.span for band in self.bands)
