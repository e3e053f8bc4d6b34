"""Every value of a policy, one by one: where it stands, its text as a file has it, and what it may be.

The models of the policy say what there is, so a key added to one of them is here without a further line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from collectkit.policy import VERSION_KEYS, Policy
from collectkit.policy_words import NOT_A_COUNT, NOT_A_DATE, NOT_A_NUMBER, NOT_A_TIME, NOT_ONE_OF

Form = Literal["count", "number", "date", "time", "choice", "text", "texts"]
Path = tuple[str | int, ...]
TOLD = frozenset({"source", "source_zh", "note"})
"""Keys that tell of the other values of their table."""
_LEFT_OUT = {"readings": {"name", "where", "readings"}}
"""Keys that name a clause and its readings: `policy_values` tells them beside its value."""
_TERMS = {"grace": "grace", "penalty": "penalty", "day": "days", "effective": "days"}
"""Groups of the terms by the first word of a key or part; the others are the order of payment."""


class Leaf(NamedTuple):
    """One value of a policy; `text` is empty if it is not set."""

    kind: str
    table: str
    effective_from: dt.date | None
    part: str
    key: str
    text: str
    path: Path
    form: Form
    choices: tuple[Any, ...]
    is_optional: bool

    @property
    def place(self) -> str:
        """``kind.table.part.key``, as the clauses with two readings name a value."""
        return ".".join(word for word in (self.kind, self.table, self.part, self.key) if word)

    @property
    def address(self) -> str:
        """The place and the day of its version; names one value of a policy."""
        return self.place if self.effective_from is None else f"{self.place}@{self.effective_from}"

    @property
    def group(self) -> str:
        """Group in which a reader looks for it; see `collectkit.policy_words.GROUPS`."""
        first = (self.part or self.key).partition("_")[0]
        return _TERMS.get(first, "allocation") if self.kind == "terms" else self.kind

    def read(self, text: str) -> Any:
        """A text as the value it stands for; None if it is empty. `ValueError` says what to write instead."""
        if not text:
            return None
        if self.form == "choice":
            found = {written(choice): choice for choice in self.choices}
            if text not in found:
                raise ValueError(NOT_ONE_OF.format(text, ", ".join(found)))
            return found[text]
        return _READ[self.form](text)


def leaves(policy: Policy) -> Iterator[Leaf]:
    """Every value in the order of the file, those that are not set, too."""
    for kind, info in Policy.model_fields.items():
        if kind not in VERSION_KEYS:
            yield _leaf(("policy", "", None), "", (kind,), getattr(policy, kind), info.annotation)
            continue
        for number, table in enumerate(getattr(policy, kind)):
            head = kind, table_name(kind, table), table.effective_from
            left_out = TOLD.union(VERSION_KEYS[kind], _LEFT_OUT.get(kind, ()))
            yield from _walk(head, "", (kind, number), table, type(table), left_out)


def table_name(kind: str, table: Any) -> str:
    """What picks a table besides its day: product, name, agency …; what holds for all of them is left out."""
    first, *more = [getattr(table, key) for key in VERSION_KEYS[kind]] or [""]
    return " ".join([str(first), *(str(each) for each in more if each not in ("*", None))])


def written(value: Any) -> str:
    """A value as text; lists are joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(map(written, value))
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _walk(
    head: tuple[str, str, dt.date], part: str, path: Path, table: Any, model: type[BaseModel], left_out: frozenset[str]
) -> Iterator[Leaf]:
    """Values of a table and of what is nested in it; `table` is None where an optional one is not set."""
    for field, info in model.model_fields.items():
        if field in left_out:
            continue
        value, kind = getattr(table, field, None), _bare(info.annotation)
        here = (*path, info.alias or field)
        if isinstance(value, dict):
            for name, points in value.items():
                yield _leaf(head, field, (*here, name), points, int)
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _walk(head, field, here, value, kind, TOLD)
        elif not _holds_tables(kind):
            yield _leaf(head, part, here, value, info.annotation, is_optional=table is None)
        else:
            items: Sequence[Any] = value or ()
            for number, (name, item) in enumerate(zip(_item_names(field, items), items, strict=True)):
                yield from _walk(head, name, (*here, number), item, type(item), TOLD | {"rule"})


def _item_names(field: str, items: Sequence[Any]) -> list[str]:
    """Name, action or rule of each item of a list; a number where it has none, or comes twice."""
    names = [next((getattr(item, k) for k in ("name", "action", "rule") if hasattr(item, k)), field) for item in items]
    numbered = [f"{name} {names[: n + 1].count(name)}" for n, name in enumerate(names)]
    return [with_number if name == field or names.count(name) > 1 else name
            for name, with_number in zip(names, numbered, strict=True)]  # fmt: skip


def _leaf(
    head: tuple[str, str, dt.date | None], part: str, path: Path, value: Any, annotation: Any, is_optional: bool = False
) -> Leaf:
    kind = _bare(annotation)
    choices: tuple[Any, ...] = get_args(kind) if get_origin(kind) is Literal else ()
    form: Form = "choice" if choices else "texts" if get_origin(kind) is tuple else _FORMS.get(kind, "text")
    if kind is bool:
        form, choices = "choice", (True, False)
    optional = is_optional or NoneType in get_args(annotation)
    return Leaf(*head, part, str(path[-1]), written(value), path, form, choices, optional)


def _bare(annotation: Any) -> Any:
    """A type without its conditions, and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(each for each in get_args(annotation) if each is not NoneType))
    return annotation


def _holds_tables(kind: Any) -> bool:
    """True for a list of tables."""
    item = _bare(get_args(kind)[0]) if get_origin(kind) is tuple else kind
    return isinstance(item, type) and issubclass(item, BaseModel)


def _read_count(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError(NOT_A_COUNT.format(text))
    return int(text)


def _read_number(text: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,15}([.][0-9]{1,18})?", text):
        raise ValueError(NOT_A_NUMBER.format(text))
    return text


def _read_date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(NOT_A_DATE.format(text)) from None


def _read_time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise ValueError(NOT_A_TIME.format(text)) from None


def _read_texts(text: str) -> list[str]:
    parts = text.replace("，", ",").replace("、", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


_FORMS: dict[Any, Form] = {int: "count", Decimal: "number", dt.date: "date", dt.time: "time"}
_READ: dict[str, Callable[[str], Any]] = {
    "count": _read_count, "number": _read_number, "date": _read_date, "time": _read_time, "text": str,
    "texts": _read_texts,
}  # fmt: skip
