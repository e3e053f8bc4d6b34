"""Random small panels: awkward on purpose (gaps, loans that vanish, leave or come back), valid always."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import strategies as st

BUCKETS = ["M0", "M1", "M2", "M3", "M3+"]
EDGES = [0, 30, 60, 90]
STATUSES = ["current", "overdue", "paid", "paid_off", "settled", "written_off", "sold", "archived"]
DATES = pd.to_datetime(["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]).as_unit("us")
OPENED = list(pd.to_datetime(["2024-11-30", "2025-01-01", "2025-02-10"]))
DAYS = st.sampled_from([0, 0, 0, 1, 2, 30, 31, 60, 61, 90, 91, 200])
MONEY = st.integers(0, 10**7).map(lambda cents: cents / 100)


@st.composite
def panels(draw: Any, most_loans: int = 8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strategy: a panel of some loans, and the loans."""
    loans, rows = [], []
    for number in range(draw(st.integers(1, most_loans))):
        loan_id = f"L{number + 8}"
        loans.append({
            "loan_id": loan_id,
            "product": draw(st.sampled_from(["car", "home"])),
            "region": draw(st.sampled_from(["North", None])),
            "disbursement_date": draw(st.sampled_from(OPENED)),
            "principal": draw(MONEY),
        })  # fmt: skip
        dates = draw(st.lists(st.sampled_from(range(len(DATES))), min_size=1, unique=True).map(sorted))
        rows += [_row(draw, loan_id, date) for date in dates]
    frame = pd.DataFrame(rows)
    frame["as_of"] = frame["as_of"].astype("datetime64[us]")
    frame["bucket"] = pd.Categorical(frame["bucket"], BUCKETS, ordered=True)
    frame["status"] = pd.Categorical(frame["status"], STATUSES)
    frame["channel"] = pd.Categorical(frame["channel"], ["in_house", "North", "South"])
    return frame, pd.DataFrame(draw(st.permutations(loans)))


def _row(draw: Any, loan_id: str, date: int) -> dict[str, Any]:
    days = draw(DAYS)
    has_left = draw(st.integers(0, 4)) == 0
    status = draw(st.sampled_from(STATUSES[2:])) if has_left else "overdue" if days else "current"
    if has_left:
        days = 0
    money = ("principal_balance", "overdue_principal", "overdue_interest", "overdue_fee", "penalty")
    return {
        "loan_id": loan_id,
        "as_of": DATES[date],
        "status": status,
        "days_past_due": days,
        "bucket": BUCKETS[sum(days > edge for edge in EDGES)],
        "channel": draw(st.sampled_from(["in_house", "North", "South"])),
        "paid_in_period": draw(MONEY) if date else float("nan"),
        **{name: 0.0 if has_left else draw(MONEY) for name in money},
    }
