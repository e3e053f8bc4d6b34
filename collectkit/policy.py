"""Policy: the rules of a lender as dated data with a source, read from TOML and checked as strictly as code.

A rate is written as text ("0.18") and stays an exact decimal. Every table has `effective_from` and `source`; which
date picks its version is said with each table.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from collectkit.bands import AssetClasses, BucketScheme
from collectkit.cadence import Cadence, Reading
from collectkit.contact_rules import ContactRules, PromiseTerms, Wording
from collectkit.days import LAST_DAY, Date, day_number
from collectkit.errors import CallError, PolicyError, unknown_name
from collectkit.handing_over import HandOver
from collectkit.rules import Dated, ExactRate, GraceDays, LateDays, Rules, Text, checked
from collectkit.tariffs import Tariff

Component = Literal["fee", "penalty", "interest", "principal"]
BaseComponent = Literal["principal", "interest", "fee"]
Scope = Literal["instalment", "component"]


class Penalty(Rules):
    """Penalty rate; exactly one of the three ways to state it."""

    multiple_of_contract: ExactRate | None = None
    annual_rate: ExactRate | None = None
    daily_rate: ExactRate | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if self.daily_rate is not None and self.daily_rate > 1:
            raise ValueError(f'daily_rate {self.daily_rate} is more than the whole amount a day; write e.g. "0.0005"')
        if len(given) != 1:
            raise ValueError(
                f"give exactly one of multiple_of_contract, annual_rate, daily_rate; got {given or 'none'}"
            )
        return self


class _Waterfall(Rules):
    """Order of the components; each of the four stands in it once."""

    @field_validator("order", "allocation_order", check_fields=False)
    @classmethod
    def _each_once(cls, order: tuple[Component, ...]) -> tuple[Component, ...]:
        if sorted(order) != ["fee", "interest", "penalty", "principal"]:
            raise ValueError('name each of "fee", "penalty", "interest", "principal" once')
        return order


class LateAllocation(_Waterfall):
    """Another order and scope from a number of days past due on."""

    from_days: LateDays
    order: tuple[Component, ...]
    scope: Scope = "instalment"


class Terms(Dated, _Waterfall):
    """Terms of a product; picked by product and the loan's disbursement date."""

    product: Text
    source_zh: str = ""  # the source as a Chinese letter names it
    grace_days: GraceDays
    grace_mode: Literal["threshold", "subtract"]
    day_count: Literal[360, 365]
    penalty: Penalty
    penalty_base: tuple[BaseComponent, ...] = Field(min_length=1)
    penalty_ceiling_annual: ExactRate | None = None
    penalty_cap_ratio: ExactRate | None = None
    allocation_order: tuple[Component, ...]
    allocation_scope: Scope
    late_allocation: LateAllocation | None = None

    @field_validator("penalty_cap_ratio")
    @classmethod
    def _cap_stays_exact(cls, ratio: Decimal | None) -> Decimal | None:
        if ratio is not None and Fraction(ratio).denominator > 10**6:
            raise ValueError(f"{ratio} has too many decimals to stay exact; write at most six")
        return ratio

    @field_validator("penalty_base")
    @classmethod
    def _base_once(cls, base: tuple[BaseComponent, ...]) -> tuple[BaseComponent, ...]:
        if len(set(base)) != len(base):
            raise ValueError("name each component of the base once")
        return base


class Policy(Rules):
    """All rules of a lender.

    Examples
    --------
    >>> policy = load_policy("plain")
    >>> policy.terms_for("any product", "2025-01-01").grace_days
    0
    >>> policy.replacing(grace_days=5).terms_for("any product", "2025-01-01").grace_days
    5
    """

    name: Text
    title: str = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    terms: tuple[Terms, ...] = Field(min_length=1)
    bucket_schemes: tuple[BucketScheme, ...] = Field(min_length=1)
    asset_classes: tuple[AssetClasses, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    contact_rules: tuple[ContactRules, ...] = ()
    promise_terms: tuple[PromiseTerms, ...] = ()
    wording: tuple[Wording, ...] = ()
    cadence: tuple[Cadence, ...] = ()
    readings: tuple[Reading, ...] = ()
    hand_over: tuple[HandOver, ...] = ()

    @model_validator(mode="after")
    def _dates_ascend(self) -> Self:
        for kind, keys in VERSION_KEYS.items():
            latest: dict[tuple[Any, ...], dt.date] = {}
            for position, table in enumerate(getattr(self, kind), start=1):
                key = tuple(getattr(table, name) for name in keys)
                if key in latest and table.effective_from <= latest[key]:
                    raise ValueError(
                        f"{kind}, table {position} ({' '.join(map(str, key))}): effective_from "
                        f"{table.effective_from} does not come after {latest[key]}; "
                        "write the versions of one table in order of their dates"
                    )
                latest[key] = table.effective_from
        return self

    def terms_for(self, product: str, disbursement_date: Date) -> Terms:
        """Terms of a loan: the exact product wins over ``*``, then the latest version in force.

        Raises
        ------
        PolicyError
            No terms fit.
        """
        for name in (product, "*"):
            found = _in_force([terms for terms in self.terms if terms.product == name], disbursement_date)
            if found is not None:
                return found
        raise PolicyError(
            f"Policy {self.name} has no terms for product {product!r} disbursed on {disbursement_date}. "
            f'Add [[terms]] with product = "{product}" or "*" and an earlier effective_from.'
        )

    def bucket_scheme(self, name: str, as_of: Date) -> BucketScheme:
        """Bucket scheme of a name in force on `as_of`; an unknown name lists the valid ones."""
        return self._named("bucket scheme", self.bucket_schemes, name, as_of)

    def asset_class_table(self, as_of: Date) -> AssetClasses | None:
        """Asset classes in force on `as_of`; None before the first version."""
        return _in_force(self.asset_classes, as_of)

    def tariff(
        self, name: str, *, agency: str = "*", placement_no: int = 1, placement_date: Date | None = None
    ) -> Tariff:
        """Tariff of a name for a placement; without a date the latest version.

        Raises
        ------
        CallError
            There is no tariff of that name for the agency.
        PolicyError
            There is one, but it begins after the date.
        """
        on = placement_date if placement_date is not None else LAST_DAY
        found = self.find_tariff(name, agency=agency, placement_no=placement_no, placement_date=on)
        if found is not None:
            return found
        fitting = [t for t in self.tariffs if t.agency in (agency, "*") and t.placement_no in (placement_no, None)]
        return self._named("tariff", fitting, name, on)

    def find_tariff(self, name: str, *, agency: str, placement_no: int, placement_date: Date) -> Tariff | None:
        """Tariff of a placement: the agency's own wins over ``*``, then its placement number; None if there is none."""
        for whose in (agency, "*"):
            for number in (placement_no, None):
                same = [t for t in self.tariffs if (t.name, t.agency, t.placement_no) == (name, whose, number)]
                found = _in_force(same, placement_date)
                if found is not None:
                    return found
        return None

    def contact_rules_for(self, name: str, on: Date) -> ContactRules:
        """Contact rules of a name in force on a day; an unknown name lists the valid ones."""
        return self._named("contact rules", self.contact_rules, name, on)

    def cadence_for(self, scheme: str, product: str, as_of: Date) -> Cadence | None:
        """Steps of a bucket scheme for a product: the exact product wins over ``*``; None if there are none yet.

        An unknown scheme lists those that have steps.
        """
        same = [table for table in self.cadence if table.scheme == scheme]
        if not same:
            raise unknown_name(f"cadence in policy {self.name}", scheme, {table.scheme for table in self.cadence})
        own = _in_force([table for table in same if table.product == product], as_of)
        return own if own is not None else _in_force([table for table in same if table.product == "*"], as_of)

    def promise_grace_days(self, as_of: Date) -> int:
        """Days after the promised day on which money still keeps a promise, in force on `as_of` [days]."""
        terms = _in_force(self.promise_terms, as_of)
        return 0 if terms is None else int(terms.grace_days)

    def wording_on(self, as_of: Date) -> Wording | None:
        """Words that messages avoid, in force on `as_of`; None before the first version."""
        return _in_force(self.wording, as_of)

    def hand_over_rules(self, action: str, as_of: Date) -> tuple[HandOver, ...]:
        """Active rules that ``place`` or ``recall``, in force on `as_of`, in the order of the file."""
        names = dict.fromkeys(rule.name for rule in self.hand_over)
        rules = [_in_force([rule for rule in self.hand_over if rule.name == name], as_of) for name in names]
        return tuple(rule for rule in rules if rule is not None and rule.is_active and rule.action == action)

    @property
    def tariff_names(self) -> tuple[str, ...]:
        """Names of the tariffs, each once, in the order of the file."""
        return tuple(dict.fromkeys(tariff.name for tariff in self.tariffs))

    def replacing(self, *, product: str | None = None, **changes: object) -> Policy:
        """A what-if: the same policy with some terms changed in every version.

        Parameters
        ----------
        product : str, optional
            Change only the terms of this product; it must have its own terms.
        **changes
            Keys of ``[[terms]]``, e.g. ``grace_days=5`` or ``penalty={"daily_rate": "0.0006"}``.

        Raises
        ------
        PolicyError
            A key or value the policy file would not accept either.
        """
        names = {terms.product for terms in self.terms}
        if product is not None and product not in names:
            raise PolicyError(
                f"Policy {self.name} has no terms of its own for {product!r}. It has: {', '.join(sorted(names))}."
            )
        data = self.model_dump(exclude_none=True)
        for terms in data["terms"]:
            if product is None or terms["product"] == product:
                terms |= changes
        return checked(Policy, data, f"{self.name} with changes")

    def _named(self, kind: str, tables: Sequence[Any], name: str, on: Date) -> Any:
        same = [table for table in tables if table.name == name]
        if not same:
            raise unknown_name(f"{kind} in policy {self.name}", name, {table.name for table in tables})
        found = _in_force(same, on)
        if found is None:
            day = dt.date(1970, 1, 1) + dt.timedelta(day_number(on))
            raise PolicyError(
                f"{kind} {name!r} begins on {same[0].effective_from}, after {day}. "
                "Ask for a later date, or add an earlier version to the policy."
            )
        return found


VERSION_KEYS = {
    "terms": ("product",),
    "bucket_schemes": ("name",),
    "asset_classes": (),
    "tariffs": ("name", "agency", "placement_no"),
    "contact_rules": ("name",),
    "promise_terms": (),
    "wording": (),
    "cadence": ("scheme", "product"),
    "readings": ("number",),
    "hand_over": ("name",),
}


def list_policies() -> list[str]:
    """Names of the profiles that come with collectkit.

    Examples
    --------
    >>> list_policies()
    ['cn-credit-card', 'cn-microloan', 'plain']
    """
    return sorted(path.name.removesuffix(".toml") for path in _shipped().iterdir() if path.name.endswith(".toml"))


def load_policy(name: str | Path = "cn-microloan") -> Policy:
    """Read a policy: the name of a shipped profile, or the path of a TOML file.

    Raises
    ------
    PolicyError
        The file breaks a rule; the message names each place and what to write instead.
    CallError
        There is no such profile or file.

    Examples
    --------
    >>> load_policy("cn-microloan").currency
    'CNY'
    """
    return read_policy(policy_text(name), Path(name).name)


def policy_text(name: str | Path) -> str:
    """Text of a shipped profile or of a TOML file, as it stands there; errors as in `load_policy`."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise CallError(f"There is no policy file {path}. Check the path.")
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise PolicyError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from error
    if str(name) in list_policies():
        return str((_shipped() / f"{name}.toml").read_text(encoding="utf-8"))
    raise unknown_name("policy", str(name), list_policies())


def read_policy(text: str, where: str = "the policy") -> Policy:
    """A policy from the text of its file; errors as in `load_policy`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{where} is not valid TOML: {error}.") from error
    return checked(Policy, _with_included(data), where)


def _with_included(data: dict[str, Any]) -> dict[str, Any]:
    """The tables of a file after those of the shared files it names in `include`."""
    names = data.pop("include", [])
    shared = {path.name.removesuffix(".toml"): path for path in (_shipped() / "shared").iterdir()}
    for name in names if isinstance(names, list) else [names]:
        if name not in shared:
            raise unknown_name("shared policy file", name, shared)
        for kind, tables in tomllib.loads(shared[name].read_text(encoding="utf-8")).items():
            data[kind] = [*tables, *data.get(kind, [])]
    return data


def _shipped() -> Any:
    return resources.files("collectkit") / "policies"


def _in_force(tables: Sequence[Any], on: Date) -> Any:
    """The latest table whose `effective_from` is not after a date."""
    day = day_number(on)
    found = [table for table in tables if day_number(table.effective_from) <= day]
    return found[-1] if found else None
