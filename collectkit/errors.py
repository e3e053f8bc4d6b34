"""What can go wrong, said so that the reader knows what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd


class CollectkitError(ValueError):
    """Every error collectkit raises on purpose is one of these."""


class CallError(CollectkitError):
    """A function was called with something it cannot work with."""


class PolicyError(CollectkitError):
    """A policy file or a what-if breaks a rule of the policy format.

    Attributes
    ----------
    problems : mapping
        What to write instead, by the place of each problem, where the places are known.
    """

    def __init__(self, text: str, problems: Mapping[Any, str] | None = None) -> None:
        self.problems = dict(problems or {})
        super().__init__(text)

    def __reduce__(self) -> tuple[type[PolicyError], tuple[str, dict[Any, str]]]:
        return PolicyError, (str(self), self.problems)


class PortfolioError(CollectkitError):
    """The tables of a portfolio hold problems; `problems` lists every one of them.

    Attributes
    ----------
    problems : DataFrame
        One row per problem: table, row, loan_id, column, problem, value, severity, what_to_do.
    """

    def __init__(self, problems: pd.DataFrame) -> None:
        self.problems = problems
        super().__init__(_summary(problems))

    def __reduce__(self) -> tuple[type[PortfolioError], tuple[pd.DataFrame]]:
        return PortfolioError, (self.problems,)

    def without_ids(self) -> str:
        """What is wrong, for readers who may not see single loans."""
        return _summary(self.problems.assign(loan_id=None, row=None))


def listed(values: Iterable[object], *, most: int = 3) -> str:
    """First few values in words: ``L-1, L-2, L-3, …``."""
    texts = [str(v) for v in values]
    return ", ".join(texts[:most]) + (", …" if len(texts) > most else "")


def unknown_name(kind: str, name: object, valid: Iterable[str]) -> CallError:
    """Error for a name that is not there; lists the names that are."""
    return CallError(f"There is no {kind} {name!r}. Use one of: {', '.join(sorted(valid))}.")


def _summary(problems: pd.DataFrame) -> str:
    """One line per kind of problem, with a count and the first ids."""
    problems = problems[problems["severity"] == "error"]
    kinds = problems.groupby(["table", "column", "problem", "what_to_do"], sort=False, dropna=False)
    lines = [f"The portfolio has {len(problems):,} problem(s); nothing was computed."]
    for (table, column, problem, what_to_do), rows in kinds:
        where = f"{table}.{column}" if column else table
        ids = rows["loan_id"].dropna()
        shown = ids if len(ids) else rows["row"].dropna().map("row {}".format)
        ids_text = f" ({listed(shown)})" if len(shown) else ""
        lines.append(f"- {where}: {problem} in {len(rows):,} row(s){ids_text}. {what_to_do}")
    lines.append("All of them: `error.problems`.")
    return "\n".join(lines)
