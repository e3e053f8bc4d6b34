"""CSV files as tables of text, every cell as it is written.

Arrow reads a file whose rows all have the cells of its header. Pandas, several times slower, reads what Arrow refuses
and names what is wrong; a test holds both to the same tables.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from collectkit._column import TEXT
from collectkit.errors import CallError

_ENCODINGS = ("utf-8-sig", "gb18030")
_BOM = "\ufeff".encode()
_BLOCK = 1 << 20
#: Arrow reads no longer block.
_LONGEST_BLOCK = 2**31 - 2


def frame_of_csv(path: Path) -> pd.DataFrame:
    """All cells of a CSV file as text; empty ones are missing.

    Raises
    ------
    CallError
        The file is not text in UTF-8 or GB18030, a row is longer than the header, or a column stands there twice.
    """
    data, encoding, beginning = _decoded(path)
    separator = _separator(beginning)
    in_utf8 = data if encoding == "utf-8-sig" else data.decode(encoding).encode()
    frame = by_arrow(in_utf8, separator)
    return by_pandas(path, separator, encoding) if frame is None else frame


def _decoded(path: Path) -> tuple[bytes, str, str]:
    """A text file, its encoding and first lines; the whole file is tried, so that no later row fails."""
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        raise CallError(f"{path.name} is not a text file. Save it as CSV in UTF-8, or read it as Excel.")
    for encoding in _ENCODINGS:
        try:
            return data, encoding, data.decode(encoding)[:65_536]
        except UnicodeDecodeError:
            continue
    raise CallError(f"{path.name} is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8.")


def _separator(text: str) -> str:
    """The separator of the header line: the one of comma, semicolon, tab and bar that stands in it most often."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def by_arrow(data: bytes, separator: str) -> pd.DataFrame | None:
    r"""All cells as text, by Arrow; None where it might read them differently from pandas.

    Examples
    --------
    >>> by_arrow(b"loan_id,note\nL1,\n", ",")["loan_id"].tolist()
    ['L1']
    >>> by_arrow(b"loan_id,note\nL1\n", ",") is None
    True
    """
    names = _header(data, separator)
    is_quoted = b'"' in data
    if not names or b"\x00" in data or (is_quoted and len(data) + 2 * len(names) > _LONGEST_BLOCK):
        return None
    if is_quoted:  # Arrow forgives a quote that is never closed; then it swallows this last row
        data += (b"" if data.endswith((b"\r", b"\n")) else b"\n") + separator.join("x" * len(names)).encode()
    try:
        table = _arrow_table(data, separator, names, is_quoted)
    except pa.ArrowInvalid:
        return None
    if table.schema.names != names:
        return None
    if is_quoted:
        if table.slice(len(table) - 1).to_pylist() != [dict.fromkeys(names, "x")]:
            return None
        table = table.slice(0, len(table) - 1)
    columns = {name: pd.array(table[name].combine_chunks(), dtype=TEXT) for name in names}
    return pd.DataFrame(columns, copy=False)


def _header(data: bytes, separator: str) -> list[str]:
    """Names in the first line; none if one is empty or there twice, or if the line is hard to read."""
    line = data[:_BLOCK].removeprefix(_BOM).split(b"\n", 1)[0].split(b"\r", 1)[0]
    try:
        names = next(csv.reader([line.decode()], delimiter=separator, strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return []
    bare = {name.strip() for name in names}
    is_sound = len(bare) == len(names) and "" not in bare and "\ufeff" not in line.decode()
    return names if is_sound else []


def _arrow_table(data: bytes, separator: str, names: list[str], is_quoted: bool) -> pa.Table:
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        pa.BufferReader(data),
        # between two blocks Arrow loses the \n of a quoted \r\n
        arrow_csv.ReadOptions(block_size=len(data) + 1 if is_quoted else _BLOCK),
        arrow_csv.ParseOptions(delimiter=separator, ignore_empty_lines=False, newlines_in_values=is_quoted),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def by_pandas(path: Path, separator: str, encoding: str) -> pd.DataFrame:
    """All cells as text, by pandas.

    Raises
    ------
    CallError
        As of `frame_of_csv`.
    """
    options: dict[str, Any] = {
        "sep": separator, "encoding": encoding, "dtype": "str", "keep_default_na": False, "na_values": [""],
        "skip_blank_lines": False, "index_col": False, "on_bad_lines": "error",
    }  # fmt: skip
    try:
        with warnings.catch_warnings():  # a row longer than the header would be cut with no more than a warning
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, **options)
        header = pd.read_csv(path, header=None, nrows=1, **options).loc[0].dropna().str.strip()
    except pd.errors.ParserWarning as warning:
        raise CallError(
            f"{path.name} has rows longer than its header. Name every column, or export it again."
        ) from warning
    except (ValueError, csv.Error, pd.errors.ParserError) as error:
        raise CallError(f"{path.name} is not a readable CSV file: {str(error).strip()}. Export it again.") from error
    if header.duplicated().any():  # pandas has called the second `x.1`
        again = header[header.duplicated()].iloc[0]
        raise CallError(f"Column `{again}` stands twice in the header of {path.name}. Rename or remove one of them.")
    return frame
