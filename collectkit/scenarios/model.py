"""A scenario: a book, how it is treated, what that costs, who may do it; one TOML file, every number sourced."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from collectkit.bands import BucketScheme
from collectkit.days import LAST_DAY
from collectkit.errors import CallError, PolicyError, listed, unknown_name
from collectkit.policy import Policy, load_policy
from collectkit.rules import Rules, Text, checked
from collectkit.scenarios.inputs import (
    CHANNELS,
    ILLUSTRATIVE,
    KINDS,
    SCALARS,
    UNSOURCED,
    WHAT_IF,
    BalancePerCase,
    Curve,
    InflowCases,
    Input,
    Range,
    check_kind,
)
from collectkit.scenarios.strategies import STRATEGIES, Strategy


class Product(Rules):
    """Overdue cases of one product: what stands in each bucket now, and what comes each month."""

    name: Text
    is_secured: bool = False
    opening_cases: Mapping[str, Annotated[float, Field(ge=0)]]
    opening_balance: Mapping[str, Annotated[float, Field(ge=0)]]
    opening_source: Text = ILLUSTRATIVE
    inflow_cases: InflowCases
    balance_per_case: BalancePerCase

    @model_validator(mode="after")
    def _known_units(self) -> Self:
        check_kind("inflow_cases", self.inflow_cases)
        check_kind("balance_per_case", self.balance_per_case)
        return self


class Treatment(Rules):
    """What a channel brings in a month, by bucket; of one product or of every one."""

    channel: Literal["in_house", "light", "agency", "legal"]
    product: Text = "*"
    cash_rate: Curve
    cure_rate: Curve

    @model_validator(mode="after")
    def _known_units(self) -> Self:
        check_kind("cash_rate", self.cash_rate)
        check_kind("cure_rate", self.cure_rate)
        return self


class Scenario(Rules):
    """All inputs of one question.

    Examples
    --------
    >>> scenario = load_scenario("growing-consumer")
    >>> scenario.inputs["wage"].unit
    'currency/month'
    >>> scenario.replacing(wage=7000).inputs["wage"].value
    7000.0
    """

    name: Text
    title: Text
    title_zh: Text
    note: str = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    horizon_months: Annotated[int, Field(ge=1, le=120)]
    policy: Text = "cn-microloan"
    scheme: Text = "months"
    tariff: Text = "elapsed_months"
    settlement_months: Annotated[int, Field(ge=0, le=24)] = 1
    is_simplified_suit: bool = True
    ramp: tuple[Annotated[float, Field(ge=0, le=1)], ...] = (0.0, 0.5, 0.8, 1.0)
    inputs: Mapping[str, Input]
    products: tuple[Product, ...] = Field(min_length=1, max_length=20)
    roll_rate: Curve
    treatments: tuple[Treatment, ...]
    strategies: tuple[Strategy, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _same("inputs", self.inputs, SCALARS)
        for name, given in self.inputs.items():
            check_kind(name, given)
        check_kind("roll_rate", self.roll_rate)
        buckets = self.buckets
        for product in self.products:
            _same(f"opening_cases of {product.name}", product.opening_cases, buckets)
            _same(f"opening_balance of {product.name}", product.opening_balance, buckets)
            for channel in CHANNELS:
                self.treatment(channel, product.name)
        for curve in (self.roll_rate, *(c for t in self.treatments for c in (t.cash_rate, t.cure_rate))):
            _same("by_bucket", curve.by_bucket, buckets)
        names = [product.name for product in self.products]
        if len(set(names)) != len(names):
            raise ValueError(f"products repeat: {', '.join(names)}")
        return self

    @property
    def rules(self) -> Policy:
        """The policy whose buckets and tariffs are meant."""
        return load_policy(self.policy) if self.policy.endswith(".toml") else _policy(self.policy)

    @property
    def bucket_scheme(self) -> BucketScheme:
        """The buckets, by the latest version of their scheme."""
        return self.rules.bucket_scheme(self.scheme, LAST_DAY)

    @property
    def buckets(self) -> tuple[str, ...]:
        """Names of the overdue buckets, youngest first."""
        return self.bucket_scheme.names[1:]

    @property
    def first_days(self) -> tuple[int, ...]:
        """First day past due of each bucket."""
        return tuple(band.min_days for band in self.bucket_scheme.buckets)

    def treatment(self, channel: str, product: str) -> Treatment:
        """Treatment of a product by a channel: its own wins over ``*``."""
        for name in (product, "*"):
            for treatment in self.treatments:
                if (treatment.channel, treatment.product) == (channel, name):
                    return treatment
        raise ValueError(f'there is no [[treatments]] with channel = "{channel}" for {product!r} or "*"')

    @property
    def named_strategies(self) -> dict[str, Strategy]:
        """The strategies of the package, replaced or followed by those of the file."""
        return STRATEGIES | {strategy.name: strategy for strategy in self.strategies}

    def replacing(self, **changes: Any) -> Scenario:
        """A what-if: the same scenario with some inputs or keys changed.

        Parameters
        ----------
        **changes
            An input (a number, or [low, likely, high]; its source becomes "what-if") or a key of the file.

        Raises
        ------
        PolicyError
            A key or value the file would not accept either.
        """
        data = self.model_dump(mode="json")
        for name, given in changes.items():
            if name in SCALARS:
                is_part = isinstance(given, Mapping)
                part = given if is_part else {"low": given, "value": given, "high": given}
                if isinstance(given, list | tuple):
                    part = dict(zip(("low", "value", "high"), given, strict=True))
                data["inputs"][name] = {"unit": KINDS[name].unit, "source": WHAT_IF, **part}
            else:
                data[name] = given
        return checked(Scenario, data, f"{self.name} with changes")

    def certain(self) -> Scenario:
        """The same scenario with every range shrunk to its likely value."""
        data = self.model_dump(mode="json")
        return checked(Scenario, _certain(data), self.name)

    def to_toml(self) -> str:
        """The scenario as a TOML file that `load_scenario` reads back."""
        import tomlkit

        return tomlkit.dumps(_short(self.model_dump(mode="json")))


def list_scenarios() -> list[str]:
    """Names of the scenarios that come with collectkit; their figures are illustrative.

    Examples
    --------
    >>> list_scenarios()
    ['growing-consumer', 'launch', 'mature-mixed']
    """
    return sorted(path.name.removesuffix(".toml") for path in _shipped().iterdir() if path.name.endswith(".toml"))


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario: the name of a shipped one, or the path of a TOML file.

    Raises
    ------
    PolicyError
        The file breaks a rule; the message names each place and what to write instead.
    CallError
        There is no such scenario or file.

    Examples
    --------
    >>> load_scenario("launch").horizon_months
    24
    """
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise CallError(f"There is no scenario file {path}. Check the path.")
        text = path.read_text(encoding="utf-8-sig")
    elif str(name) in list_scenarios():
        text = (_shipped() / f"{name}.toml").read_text(encoding="utf-8")
    else:
        raise unknown_name("scenario", str(name), list_scenarios())
    return read_scenario(text, path.name)


def read_scenario(text: str, where: str = "the scenario") -> Scenario:
    """A scenario from the text of its file; errors as in `load_scenario`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{where} is not valid TOML: {error}.") from error
    return checked(Scenario, data, where)


def scenario_inputs(scenario: Scenario) -> pd.DataFrame:
    """Every input of a scenario with its range, unit and source.

    Returns
    -------
    DataFrame
        One row per input, and per bucket of a curve: input (its name), part (the bucket), kind, group, low, likely,
        high, unit, basis (``estimated`` from a portfolio, ``sourced``, or ``assumption``), source.

    Examples
    --------
    >>> rows = scenario_inputs(load_scenario("launch"))
    >>> rows.loc[rows["input"] == "wage", "basis"].item()
    'assumption'
    """
    rows = [_row(name, "", given, given, given.is_estimated) for name, given in scenario.inputs.items()]
    for product in scenario.products:
        for kind in ("inflow_cases", "balance_per_case"):
            given = getattr(product, kind)
            rows.append(_row(f"{product.name}.{kind}", "", given, given, given.is_estimated))
    for name, curve in curves(scenario).items():
        rows += [_row(name, bucket, curve, part, bucket in curve.estimated) for bucket, part in curve.by_bucket.items()]
    columns = ["input", "part", "kind", "group", "low", "likely", "high", "unit", "basis", "source"]
    return pd.DataFrame(rows, columns=columns)


def curves(scenario: Scenario) -> dict[str, Curve]:
    """Every curve by the name it has in `scenario_inputs`, such as ``roll_rate`` or ``agency.*.cash_rate``."""
    found = {"roll_rate": scenario.roll_rate}
    for treatment in scenario.treatments:
        for kind in ("cash_rate", "cure_rate"):
            found[f"{treatment.channel}.{treatment.product}.{kind}"] = getattr(treatment, kind)
    return found


def _row(name: str, part: str, sourced: Input | Curve, given: Range, is_estimated: bool) -> tuple[Any, ...]:
    kind = KINDS[name.split(".")[-1]]
    is_typed = not isinstance(sourced, Curve) or not sourced.estimated
    basis = "sourced" if is_typed and not sourced.source.startswith(UNSOURCED) else "assumption"
    return (
        name, part, kind.name, kind.group, given.low, given.value, given.high, kind.unit,
        "estimated" if is_estimated else basis, sourced.source,
    )  # fmt: skip


def _same(where: str, given: Mapping[str, Any], wanted: tuple[str, ...]) -> None:
    missing, more = [n for n in wanted if n not in given], [n for n in given if n not in wanted]
    if missing:
        raise ValueError(f"{where} lacks {listed(missing)}; write each of {', '.join(wanted)}")
    if more:
        raise ValueError(f"{where} has {listed(more)}, which does not exist; allowed are {', '.join(wanted)}")


def _certain(node: Any) -> Any:
    """The tree with every range shrunk to its value."""
    if isinstance(node, dict):
        if {"low", "value", "high"} <= node.keys():
            return node | {"low": node["value"], "high": node["value"]}
        return {key: _certain(part) for key, part in node.items()}
    return [_certain(part) for part in node] if isinstance(node, list) else node


def _short(node: Any) -> Any:
    """The tree as people write it: ranges of a curve as lists, single values without low and high, nothing missing."""
    if isinstance(node, dict):
        if node.keys() == {"low", "value", "high"}:
            return node["value"] if node["low"] == node["high"] else [node["low"], node["value"], node["high"]]
        if {"low", "value", "high"} <= node.keys() and node["low"] == node["high"]:
            node = {key: part for key, part in node.items() if key not in ("low", "high")}
        return {key: _short(part) for key, part in node.items() if part is not None}
    return [_short(part) for part in node] if isinstance(node, list) else node


@cache
def _policy(name: str) -> Policy:
    """A shipped policy, read once."""
    return load_policy(name)


def _shipped() -> Any:
    return resources.files("collectkit.scenarios") / "worked"
