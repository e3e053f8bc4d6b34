"""Conduct: which contacts broke a rule, what was seen, what is allowed, and by which source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from collectkit.casework._breaches import NEEDS, Seen, applies_to, breaches_of
from collectkit.casework._record import Mask, Record
from collectkit.casework._words import ALLOWED, SEEN, UNCHECKED
from collectkit.casework.names import VALUES
from collectkit.columns import label
from collectkit.contact_rules import AnyLimit, ContactRules
from collectkit.days import DATE_DTYPE, Date, checked_period, dates_of, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.wording import checked_language

Span = tuple[int, int]
_TYPES: dict[str, Any] = {
    "rule": "str", "contact_id": "str", "loan_id": "str", "customer_id": "str", "contacted_at": DATE_DTYPE,
    "channel": "str", "party": "str", "collector_id": "str", "agency": "str", "seen": "str", "allowed": "str",
    "source": "str",
}  # fmt: skip
NO_BREACHES = pd.DataFrame(columns=list(_TYPES)).astype(_TYPES)
_OF_CONTACT = ["contact_id", "loan_id", "contacted_at", "channel", "party", "collector_id", "agency"]


def check_contacts(
    portfolio: Portfolio, policy: Policy, *, start: Date, end: Date, rules: str = "cn", language: str = "en"
) -> pd.DataFrame:
    """Every breach of the contact rules in a period.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last day of the contacts, both included.
    rules : str
        Name of the contact rules in the policy: ``cn``, ``us-reg-f``, ``in-rbi``, or your own.
    language : {"en", "zh"}
        Language of seen and allowed.

    Returns
    -------
    DataFrame
        One row per breach, in the order of time: rule, contact_id (missing for a late import), loan_id, customer_id,
        contacted_at, channel, party, collector_id, agency, seen and allowed (in words), source. A contact that breaks
        two rules has two rows.

    Raises
    ------
    CallError
        `start` is after `end`, or the rules are unknown.
    PolicyError
        The rules begin only after `start`.

    Notes
    -----
    The rules in force on the day of a contact hold. Hours: `earliest` itself is allowed, `latest` itself is not. Calls
    are counted per debtor (a customer, over all loans), lender and agencies together, in the order of time; the first
    one above the limit is the first breach. A rule whose columns are not in the records is not checked:
    `rules_checked` says which.

    References
    ----------
    Each row's `source`.

    Examples
    --------
    >>> import collectkit as ck
    >>> breaches = check_contacts(ck.load_sample("demo"), ck.load_policy(), start="2025-01-01", end="2025-12-31")
    >>> sorted(breaches.rule.unique())
    ['attempts', 'debt_data', 'effective_calls', 'hours', 'late_entry', 'third_party']
    """
    checked_language(language)
    parts = [NO_BREACHES]
    for record, version, span in _versions(portfolio, policy, start, end, rules):
        for limit in version.limits:
            parts += [
                _table(record, limit, seen, language) for seen in breaches_of(record, limit, _inside(record, span))
            ]
            if limit.rule == "late_import":
                parts.append(_late_imports(portfolio, limit, span, language))
    breaches = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return breaches.sort_values(["contacted_at", "contact_id", "rule"], ignore_index=True)


def rules_checked(
    portfolio: Portfolio, policy: Policy, *, start: Date, end: Date, rules: str = "cn", language: str = "en"
) -> pd.DataFrame:
    """Every rule of conduct in force in a period, on how many contacts it was checked, and how many broke it.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last day of the contacts, both included.
    rules : str
        Name of the contact rules in the policy.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per rule, in the order of the policy: rule, allowed (in words, of the last version in the period),
        contacts and breaches [count] (missing where it was not checked), is_checked, note (why it was not), source.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = rules_checked(ck.load_sample("demo"), ck.load_policy(), start="2025-03-01", end="2025-12-31")
    >>> table.set_index("rule").is_checked["visits"]  # the sample says nothing of appointments
    np.False_
    """
    breaches = check_contacts(portfolio, policy, start=start, end=end, rules=rules, language=language)
    counts = breaches["rule"].value_counts()
    checked: dict[str, int] = {}
    for record, version, span in _versions(portfolio, policy, start, end, rules):
        for limit in version.limits:
            spoken_of = _inside(record, span) & applies_to(record, limit.rule)
            if limit.applies_to == "agencies":
                spoken_of &= record.frame["agency"].notna().to_numpy()
            checked[limit.rule] = checked.get(limit.rule, 0) + int(spoken_of.sum())
    rows = []
    for limit in version.limits:
        why = _unchecked(portfolio, limit.rule, language)
        figures = [None, None] if why else [checked[limit.rule], int(counts.get(limit.rule, 0))]
        rows.append([limit.rule, _allowed(limit, language), *figures, not why, why or limit.note, limit.source])
    table = pd.DataFrame(rows, columns=["rule", "allowed", "contacts", "breaches", "is_checked", "note", "source"])
    return table.astype({"contacts": "Int64", "breaches": "Int64"})


def deletion_date(recorded: Date, *, months: int) -> pd.Timestamp:
    """First day on which a record may be deleted.

    Parameters
    ----------
    recorded : date
        Day of the contact or recording.
    months : int
        Months for which it is kept, from the policy's rule ``records``.

    Notes
    -----
    The same day of the month that many months later; its last day if there is none. Personal data are not kept longer
    than needed (个人信息保护法 art. 19).

    Examples
    --------
    >>> deletion_date("2025-01-01", months=24)
    Timestamp('2027-01-01 00:00:00')
    """
    day_number(recorded, "recorded")
    return pd.Timestamp(recorded) + pd.DateOffset(months=months)


def _versions(
    portfolio: Portfolio, policy: Policy, start: Date, end: Date, name: str
) -> Iterator[tuple[Record, ContactRules, Span]]:
    """Each version of the rules in force in the period, with its days and the record up to the last of them."""
    first, last = checked_period(start, end)
    policy.contact_rules_for(name, start)
    begins = [day_number(table.effective_from) for table in policy.contact_rules if table.name == name]
    for day in [first, *(begin for begin in begins if first < begin <= last)]:
        version = policy.contact_rules_for(name, dates_of([day])[0])
        until = min([begin - 1 for begin in begins if begin > day] + [last])
        yield Record.of(portfolio, dates_of([until + 1])[0], version.missed_results), version, (day, until)


def _inside(record: Record, span: Span) -> Mask:
    return (record.day >= span[0]) & (record.day <= span[1])


def _table(record: Record, limit: AnyLimit, seen: Seen, language: str) -> pd.DataFrame:
    """Rows that break a limit, with what was seen in words."""
    rows = record.frame.iloc[seen.rows]
    channels = [VALUES["channel"][channel][language] for channel in rows["channel"]]
    columns = {name: value if isinstance(value, list) else [value] * len(rows) for name, value in seen.values.items()}
    each = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    said = [
        SEEN[seen.word][language].format(channel=channel, **values)
        for channel, values in zip(channels, each or [{}] * len(rows), strict=True)
    ]
    found = rows[_OF_CONTACT].assign(
        rule=limit.rule, customer_id=record.customer_id.iloc[seen.rows].to_numpy(), seen=said,
        allowed=_allowed(limit, language), source=limit.source,
    )  # fmt: skip
    return found.astype(_TYPES)[list(_TYPES)]


def _late_imports(portfolio: Portfolio, limit: Any, span: Span, language: str) -> pd.DataFrame:
    """Case files imported too late."""
    files = portfolio.placements.reindex(columns=["loan_id", "agency", "received_at", "imported_at"])
    received, imported = pd.to_datetime(files["received_at"]), pd.to_datetime(files["imported_at"])
    first, after = dates_of([span[0], span[1] + 1])
    late = (imported - received > pd.Timedelta(hours=limit.hours)) & (received >= first) & (received < after)
    said = [
        SEEN["late_import"][language].format(received=f"{a:%Y-%m-%d %H:%M}", imported=f"{b:%Y-%m-%d %H:%M}")
        for a, b in zip(received[late], imported[late], strict=True)
    ]
    names = portfolio.loans.reindex(columns=["loan_id", "customer_id"]).set_index("loan_id")["customer_id"]
    found = files[late].assign(
        rule=limit.rule, customer_id=names.reindex(files.loc[late, "loan_id"]).to_numpy(), contacted_at=received[late],
        seen=said, allowed=_allowed(limit, language), source=limit.source,
    )  # fmt: skip
    return found.reindex(columns=list(_TYPES)).astype(_TYPES)


def _allowed(limit: AnyLimit, language: str) -> str:
    values = {name: getattr(limit, name) for name in type(limit).model_fields}
    times = {name: f"{value:%H:%M}" for name, value in values.items() if name in ("earliest", "latest")}
    word = "same_day" if (limit.rule, values.get("days")) == ("late_entry", 0) else limit.rule
    return ALLOWED[word][language].format(**values | times)


def _unchecked(portfolio: Portfolio, rule: str, language: str) -> str:
    """Why a rule could not be checked; nothing if it could."""
    if rule == "records":
        return UNCHECKED["records"][language]
    table, needs = portfolio.contacts, NEEDS.get(rule, ())
    if rule == "late_import":
        table, needs = portfolio.placements, ("received_at", "imported_at")
    missing = [name for name in needs if name not in table]
    return UNCHECKED["columns"][language].format(columns=_listed(missing, language)) if missing else ""


def _listed(columns: list[str], language: str) -> str:
    """Columns by the labels that a reader knows."""
    return ("、" if language == "zh" else ", ").join(label(name, language) for name in columns)
