"""What goes out: statements as workbook, CSV and page, placement files, the register of hand-overs, the form."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pandas as pd
import pytest

import collectkit as ck
from collectkit.agencies import (
    due_diligence_form,
    hand_overs,
    in_words,
    placement_file,
    register_hand_over,
    statement_cash,
    statement_csv,
    statement_page,
    statement_workbook,
)
from collectkit.agencies.attribution import REASONS
from collectkit.agencies.reconciliation import OUTCOMES
from collectkit.agencies.statement import KINDS
from collectkit.agencies.words import WORDS
from collectkit.tariffs import Tariff
from tests.five_loans import one_loan, plain

HOSTILE = "=cmd()<img src=x onerror=alert(1)>"


def statement(*, vat_included=False, agency="North", rate="0.07"):
    """A month with an earned line, a clawback, a flat fee and a minimum; VAT 6 %."""
    book = one_loan(
        "2025-01-01 10000", "2025-02-20 100 reversed=2025-03-02; 2025-03-10 33.33",
        placements=f"{agency} 2025-02-10 2025-03-12; {agency} 2025-03-12",
    )  # fmt: skip
    tariff = {
        "name": "fee", "effective_from": "2020-01-01", "source": "contract", "bands": [{"min_days": 1, "rate": rate}],
        "flat_fee_per_case": "5", "minimum_fee": "20", "vat_rate": "0.06", "vat_included": vat_included,
    }  # fmt: skip
    rules = plain('penalty = { daily_rate = "0" }').model_copy(update={"tariffs": (Tariff.model_validate(tariff),)})
    return ck.agencies.commission_statement(book, rules, agency, period="2025-03")


def sheets(made, *, values=False, language="en"):
    book = openpyxl.load_workbook(io.BytesIO(statement_workbook(made, language=language)), data_only=values)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def evaluated(text, cells):
    """A formula of the statement worked out by hand-made rules: ROUND half away from nought, IF, sums of cells."""
    known = {"ROUND": lambda x, n: float(f"{abs(x) + 1e-9:.{n}f}") * (1 if x >= 0 else -1),
             "IF": lambda test, yes, no: yes if test else no}  # fmt: skip
    names = {name: cells[name] for name in re.findall(r"[A-Z]+\d+", text)}
    return eval(text.removeprefix("="), known, names)


@pytest.mark.parametrize("vat_included", [False, True])
def test_the_formulas_of_the_workbook_give_our_figures(vat_included):
    made = statement(vat_included=vat_included)
    formulas, values = sheets(made), sheets(made, values=True)
    found = 0
    for name in ("Totals", "Lines"):
        letters = [openpyxl.utils.get_column_letter(n + 1) for n in range(len(formulas[name][0]))]
        for number, (row, told) in enumerate(zip(formulas[name], values[name], strict=True), start=1):
            cells = {f"{letter}{number}": value or 0 for letter, value in zip(letters, told, strict=True)}
            for text, value in zip(row, told, strict=True):
                if isinstance(text, str) and text.startswith("=") and not text.startswith("=SUM"):
                    assert evaluated(text, cells) == pytest.approx(value, abs=0.0001)
                    found += 1
    assert found == 3 + 2 * 2  # totals; two lines with commission and VAT
    lines = values["Lines"][3:-1]
    at = values["Lines"][2].index("Commission")
    assert [row[at] for row in lines] == made.lines["commission"][
        made.lines["kind"].isin(["earned", "clawback"])
    ].tolist()


def test_totals_of_the_sheets_are_the_statement():
    made = statement()
    told = sheets(made, values=True)
    at, fees = told["Lines"][2].index("Commission"), told["Fees"][2].index("Commission")
    assert told["Lines"][-1][at] + told["Fees"][-1][fees] == pytest.approx(made.totals["commission"][0])


def test_sheets_are_in_chinese():
    told = sheets(statement(), language="zh")
    assert list(told) == ["汇总", "明细", "固定费用", "回款归属"]
    assert "扣回" in {row[4] for row in told["明细"][3:-1]}


def test_an_empty_statement_makes_a_workbook_too():
    made = ck.agencies.commission_statement(statement().portfolio, plain(), "North", period="2024-01")
    assert list(sheets(made)) == ["Totals", "Lines", "Fees", "Cash"]
    assert "No lines" in statement_page(made)


def test_hostile_names_stay_text_in_every_export():
    made = statement(agency=HOSTILE.replace(" ", "_"))
    assert "<img" not in statement_page(made)
    assert all(not str(cell).startswith("=cmd") for rows in sheets(made).values() for row in rows for cell in row)
    assert b"\r\n2025-03,'=cmd()" in statement_csv(made)


def test_the_csv_file_holds_the_lines():
    made = statement()
    found = pd.read_csv(io.BytesIO(statement_csv(made)))
    assert found["commission"].tolist() == made.lines["commission"].tolist()
    assert list(found) == list(made.lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_every_line_and_both_readings(language):
    made = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Chengda", period="2025-06")
    page = statement_page(made, language=language)
    assert [payment for payment in made.lines["payment_id"] if payment not in page] == []
    for total in made.totals["commission"]:
        assert f"{total:,.2f}" in page
    words = in_words(made.totals, language=language)["tariff"]
    assert [word for word in words if word not in page] == []


def test_cash_of_the_month_has_reasons_as_known_at_the_close():
    cash = statement_cash(statement())
    assert cash[["payment_id", "reason"]].to_numpy().tolist() == [["P2", "while_placed"]]


def test_every_code_has_words_in_both_languages():
    codes = {"kind": KINDS, "reason": REASONS, "outcome": OUTCOMES, "why": REASONS}
    for column, values in codes.items():
        assert [value for value in values if value not in WORDS[column]] == []
    assert all(len(words) == 2 and all(words) for table in WORDS.values() for words in table.values())


# Placement files and their register.


def personal_book():
    book = ck.load_sample("demo")
    return book.replacing(
        loans=book.loans.assign(customer_name="王小明", phone="13800001234", id_number="1", address="x")
    )


def test_a_placement_file_holds_what_is_needed_and_masks_who_it_is():
    file = placement_file(personal_book(), ck.load_policy(), ["L1326", "L0573"], as_of="2025-12-31")
    assert file["loan_id"].tolist() == ["L0573", "L1326"]
    assert file[["customer_name", "phone"]].iloc[0].tolist() == ["王**", "1********34"]
    assert set(file) & {"id_number", "address", "customer_id", "region", "risk_grade"} == set()
    seen = ck.assess(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31").set_index("loan_id")
    assert file["total_due"].tolist() == seen.loc[["L0573", "L1326"], "total_due"].tolist()


def test_personal_data_go_out_only_when_asked_for():
    file = placement_file(personal_book(), ck.load_policy(), ["L0573"], as_of="2025-12-31", personal=True)
    assert file[["customer_name", "phone"]].iloc[0].tolist() == ["王小明", "13800001234"]


def test_a_loan_that_owes_nothing_is_not_handed_over():
    paid = one_loan("2025-01-01 100", "2025-01-01 100")
    with pytest.raises(ck.CallError, match="owes nothing"):
        placement_file(paid, plain(), ["L1"], as_of="2025-02-01")


FILE = pd.DataFrame({"loan_id": ["L1"], "note": ["=cmd()"]})


def kept(folder, **keys):
    return register_hand_over(folder, FILE, **{"agency": "North", "at": "2025-06-01 10:00", "by": "Li"} | keys)


def test_the_register_grows_line_by_line_and_keeps_the_files(tmp_path):
    kept(tmp_path)
    line = kept(tmp_path, agency="南方", at="2025-06-02 09:30")
    table = hand_overs(tmp_path)
    assert table["agency"].tolist() == ["North", "南方"]
    assert table["hand_over_no"].tolist() == [1, 2]
    assert line["handed_over_at"] == pd.Timestamp("2025-06-02 09:30")
    assert (tmp_path / "files" / "0002.csv").read_bytes() == b"\xef\xbb\xbfloan_id,note\r\nL1,'=cmd()\r\n"


def test_a_changed_file_or_line_is_told(tmp_path):
    kept(tmp_path)
    kept(tmp_path)
    register, file = tmp_path / "register.jsonl", tmp_path / "files" / "0001.csv"
    text, data = register.read_text(encoding="utf-8"), file.read_bytes()
    register.write_text(text.replace('"Li"', '"Xu"', 1), encoding="utf-8")
    with pytest.raises(ck.CallError, match="Line 2"):
        hand_overs(tmp_path)
    register.write_text(text.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(ck.CallError, match="Line 1"):
        hand_overs(tmp_path)
    register.write_text(text, encoding="utf-8")
    file.write_bytes(data + b"x")
    with pytest.raises(ck.CallError, match=r"0001\.csv"):
        kept(tmp_path)
    file.unlink()
    with pytest.raises(ck.CallError, match="gone"):
        hand_overs(tmp_path)


def test_a_hand_over_that_died_half_way_never_happened(tmp_path):
    kept(tmp_path)
    (tmp_path / "files" / "0002.csv").write_bytes(b"half")
    (tmp_path / "register.part").write_bytes(b"half")
    assert len(hand_overs(tmp_path)) == 1
    assert kept(tmp_path)["hand_over_no"] == 2
    assert len(hand_overs(tmp_path)) == 2


def test_two_writers_at_once_are_refused(tmp_path):
    import fcntl

    kept(tmp_path)
    with (tmp_path / "register.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ck.CallError, match="Another process"):
            kept(tmp_path)
    assert kept(tmp_path)["hand_over_no"] == 2


@pytest.mark.parametrize("keys", [{"agency": " "}, {"by": ""}, {"at": None}])
def test_a_hand_over_says_who_when_and_to_whom(tmp_path, keys):
    with pytest.raises(ck.CallError, match=r"agency|local time"):
        kept(tmp_path, **keys)
    assert len(hand_overs(tmp_path)) == 0


def test_the_register_holds_no_personal_data(tmp_path):
    file = placement_file(personal_book(), ck.load_policy(), ["L0573"], as_of="2025-12-31")
    register_hand_over(tmp_path, file, agency="North", at="2025-12-31 10:00", by="Li")
    entry = json.loads((tmp_path / "register.jsonl").read_text(encoding="utf-8"))
    assert "L0573" not in json.dumps(entry)
    assert entry["columns"][:3] == ["as_of", "loan_id", "customer_name"]


# The form.


@pytest.mark.parametrize(("language", "words"), [("en", "sub-contract"), ("zh", "转包")])
def test_the_form_names_a_source_for_every_question(language, words):
    page = due_diligence_form(ck.load_policy(), HOSTILE, language=language)
    assert words in page
    assert "<img" not in page
    rows = re.findall(r"<tr><td>(.*?)</td><td class=\"source\">(.*?)</td>", page)
    assert len(rows) >= 20
    assert all(question and source for question, source in rows)
    assert "1–90: 7%" in page and "1–60: 7%" in page
