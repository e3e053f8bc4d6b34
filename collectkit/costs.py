"""What collecting cost, out of a file: there is no table of it in a portfolio."""

from __future__ import annotations

import pandas as pd

from collectkit.columns import label
from collectkit.errors import CallError, listed
from collectkit.files import Source, read_frames

_NEEDED = ("cost_date", "amount")
_WHOSE = ("agency", "team", "collector_id")


def read_costs(source: Source) -> pd.DataFrame | None:
    r"""Costs of collecting, as the key figures and the results of collectors take them.

    Parameters
    ----------
    source : str or Path
        A CSV, Excel or Parquet file with the columns cost_date and amount, and, where it is known whose the costs are,
        agency, team or collector_id; the Chinese labels of these are read, too. An empty text: there is none.

    Returns
    -------
    DataFrame or None
        cost_date, amount [currency], agency, team, collector_id (missing where not given).

    Raises
    ------
    CallError
        A column is not there, or a date or an amount cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "costs.csv"
    >>> _ = file.write_text("cost_date,amount,team\n2025-06-30,12000.00,early\n", encoding="utf-8")
    >>> read_costs(file).amount.tolist()
    [12000.0]
    """
    if str(source) == "":
        return None
    frame = next(iter(read_frames(source).values()))
    ours = {label(name, "zh"): name for name in (*_NEEDED, *_WHOSE)}
    frame = frame.rename(columns=lambda header: ours.get(str(header).strip(), str(header).strip()))
    absent = [name for name in _NEEDED if name not in frame]
    if absent:
        raise CallError(f"The costs have no {' and '.join(absent)} (but {listed(frame.columns, most=12)}). Add it.")
    read = {
        "cost_date": pd.to_datetime(frame["cost_date"], errors="coerce").dt.as_unit("us"),
        "amount": pd.to_numeric(frame["amount"].astype("str").str.replace(",", ""), errors="coerce"),
    }
    for name, values in read.items():
        bad = frame[name][values.isna()]
        if len(bad):
            raise CallError(
                f"`{name}` of the costs cannot be read in {len(bad)} of {len(frame)} rows ({listed(bad)}). Correct it."
            )
    return frame.reindex(columns=[*_NEEDED, *_WHOSE]).assign(**read).astype(dict.fromkeys(_WHOSE, "str"))
