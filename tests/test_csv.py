"""The quick way to read a CSV file gives what the slow one gives, or leaves the file to it."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from collectkit import CallError, CollectkitError, _csv, _texts, cells
from collectkit._csv import by_arrow, by_pandas
from collectkit.columns import COLUMNS, TABLES
from collectkit.sources import read_tables
from collectkit.writing import neutral, plain_again

on_disk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

CELLS = st.lists(st.sampled_from(["a", "é", " ", "1", '"', ",", ";", "\n", "\r", "\r\n"]), max_size=4).map("".join)


@st.composite
def well_formed(draw):
    """A file as programs write it: every way of quoting, every end of line."""
    width = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))
    text = io.StringIO(newline="")
    csv.writer(
        text,
        delimiter=draw(st.sampled_from(",;\t|")),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
    ).writerows([["p", "q", "r"][:width], *rows])
    return text.getvalue()


def ill_formed():
    """Anything behind a header: rows of any length, quotes anywhere."""
    parts = st.sampled_from(["a", "é", ",", ",", "\n", "\r", "\r\n", '"', '""', " ", "1", ";"])
    return st.builds(
        "{}{}{}".format,
        st.sampled_from(["p", "p,q", "p,q,r", "p,p", "p,", '"p",q', "\ufeffp,q"]),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.lists(parts, max_size=14).map("".join),
    )


@on_disk
@given(st.one_of(well_formed(), ill_formed()), st.booleans())
@example('p,q\na,"never closed\n', False)
@example('p,q\na"b,"c', False)
@example("p,q\n1,2\n3\n", False)
@example("p\n\n1\n\n", False)
def test_arrow_reads_what_pandas_reads_or_leaves_it(tmp_path, text, with_mark):
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode("utf-8-sig" if with_mark else "utf-8"))
    separator = _csv._separator(text)
    by_quick = by_arrow(path.read_bytes(), separator)
    assume(by_quick is not None)
    pd.testing.assert_frame_equal(by_quick, by_pandas(path, separator, "utf-8-sig"))


@pytest.mark.parametrize(
    "data",
    [
        b"p,q\n1,2\n",
        b"\xef\xbb\xbfp;q\r\n1;2\r\n",
        b'"p","q"\n"1, or","say ""2"""\n',
        b'p,q\n"two\r\nlines",\n',
        b"p,q\n",
        b"p\n1\n\n2\n",
    ],
)
def test_a_plain_file_is_read_the_quick_way(data):
    assert by_arrow(data, _csv._separator(data.decode("utf-8-sig"))) is not None


@pytest.mark.parametrize("long", ["x" * 3_000_000, '"' + "\r\n" * 1_500_000 + '"'])
def test_cells_longer_than_a_block_and_ends_of_line_between_blocks_stay_whole(tmp_path, long):
    path = tmp_path / "long.csv"
    path.write_bytes(f"p,q\n1,{long}\n2,\n".encode())
    pd.testing.assert_frame_equal(_csv.frame_of_csv(path), by_pandas(path, ",", "utf-8-sig"))


# The whole way: cells of our own columns, clean ones and some that are not.

CLEAN = {
    "id": st.from_regex(r"[A-Z0]{1,2}[0-9]{1,4}", fullmatch=True),
    "text": st.sampled_from(["consumer", "card loan", "消费", "none"]),
    "date": st.dates().map(str),
    "timestamp": st.datetimes().map(lambda moment: str(moment.replace(microsecond=0))),
    "money": st.decimals(0, 10**6, places=2).map(str),
    "rate": st.decimals(0, 1, places=4).map(str),
    "count": st.integers(0, 99).map(str),
    "flag": st.sampled_from(["true", "False", "1", "是"]),
}
ODD = st.sampled_from(
    ["", " ", "-", "n/a", "NULL", "1,234.50", "（5）", "¥12", "18%", "1e5", "inf", "nan", "0x1", "007", "1.23E+15",
     "2025/3/4", "20250304", "2025年3月4日", "03/04/2025", "2025-03-04 10:30", "2025-02-30", "45720", "0000-01-01",
     "合计", "total", "#REF!", "'=x", "'quoted", "L 1", " L1", "Ｌ１", "\ufeffL1", "+1", 'say "x"', "two\nlines", "a,b"]
)  # fmt: skip


def column(name):
    kind = COLUMNS[name].kind
    clean = CLEAN.get(kind, st.sampled_from(COLUMNS[name].values or ("a", "b")))
    return st.lists(st.one_of(clean, clean, clean, ODD), min_size=4, max_size=4) | st.lists(
        clean, min_size=4, max_size=4
    )


@st.composite
def tables(draw):
    """A table of ours with some of its columns and one of another's."""
    name = draw(st.sampled_from(["loans", "instalments", "payments", "contacts"]))
    names = draw(st.lists(st.sampled_from(TABLES[name].columns), min_size=1, max_size=5, unique=True))
    return name, {each: draw(column(each)) for each in names} | {"own": draw(column("region"))}


def answer(source):
    """Tables and problems, or the words of the refusal."""
    try:
        return read_tables(source)
    except CollectkitError as error:
        return str(error)


@on_disk
@given(
    tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
)
def test_the_quick_way_changes_no_table_and_no_problem(tmp_path, made, encoding, quoting):
    name, columns = made
    path = tmp_path / f"{name}.csv"
    try:
        pd.DataFrame(columns).to_csv(path, index=False, encoding=encoding, quoting=quoting)
    except UnicodeEncodeError:
        assume(False)
    quick = answer(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_csv, "by_arrow", lambda data, separator: None)
        patch.setattr(_texts, "is_plain", lambda text, words: False)
        slow = answer(path)
    assert type(quick) is type(slow)
    if isinstance(slow, str):
        assert quick == slow
        return
    pd.testing.assert_frame_equal(quick[1], slow[1])
    assert quick[0].keys() == slow[0].keys()
    for table in slow[0]:
        pd.testing.assert_frame_equal(quick[0][table], slow[0][table])
        assert quick[0][table].attrs == slow[0][table].attrs


written = st.text(st.sampled_from("Ln/a-#REF!1 \t　Ａ\u200b~\x7f"), max_size=6)


@given(st.lists(st.one_of(st.none(), written, st.sampled_from(["N/A", "#REF!", "-", "L1"])), max_size=6))
@example([None, ""])
@example(["L1", "L2"])
def test_text_that_is_plain_is_read_as_any_text(column):
    found = pd.Series(column, dtype="str")
    for reader in (cells.texts, cells.ids):
        values, bad = reader(found)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_texts, "is_plain", lambda text, words: False)
            same, same_bad = reader(found)
        pd.testing.assert_series_equal(values, same)
        assert bad.tolist() == same_bad.tolist()


@given(st.lists(st.one_of(st.none(), st.text(st.sampled_from("'=+-@\t\rab"), max_size=4)), min_size=1, max_size=6))
def test_apostrophes_come_and_go_alike_in_text_of_any_dtype(column):
    for change in (neutral, plain_again):
        text, objects = (
            change(pd.DataFrame({"note": pd.Series(column, dtype=dtype)}))["note"] for dtype in ("str", object)
        )
        assert text.fillna("missing").tolist() == objects.fillna("missing").tolist()


def test_a_file_that_is_not_text_or_has_a_column_twice_is_refused(tmp_path):
    for data, words in ((b"p\x00q\n", "not a text file"), (b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
                        (b"p, p \n1,2\n", "`p` stands twice"), (b"p\n1,2\n", "rows longer")):  # fmt: skip
        (tmp_path / "x.csv").write_bytes(data)
        with pytest.raises(CallError, match=words):
            _csv.frame_of_csv(tmp_path / "x.csv")
