"""Documents: data stay text, a missing value is an error, and the PDF holds what the page holds."""

from __future__ import annotations

import io
import os
import re
import shutil

import pandas as pd
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from collectkit.documents import Table, render
from collectkit.errors import CallError
from collectkit.printing import pdf
from collectkit.word_files import word

HOSTILE = "<img src=x onerror=alert(1)>"
FRAME = pd.DataFrame(
    {
        "loan_id": ["L1", HOSTILE],
        "value_date": pd.to_datetime(["2025-01-31", None]),
        "penalty": [1234.5, float("nan")],
        "rate": [0.0005, 0.07],
    }
)
BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium")


def page(**values):
    return render("table", **{"title": "Loans", "note": "", "frame": FRAME, **values})


def test_data_never_become_markup():
    html = page(title=HOSTILE, note=HOSTILE)
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 4  # <title>, heading, note, cell


def test_cells_are_written_by_the_kind_of_their_column():
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page())
    assert cells == ["L1", "2025-01-31", "1,234.50", "0.05%", "&lt;img src=x onerror=alert(1)&gt;", "", "", "7.00%"]


def test_a_month_is_a_month_and_a_count_no_percentage():
    frame = pd.DataFrame({"vintage": pd.to_datetime(["2025-01-01"]), "month": pd.to_datetime(["2025-01-31"])})
    shown = Table(frame.assign(cured=[332], cured_share=[0.5]))._repr_html_()
    assert re.findall(r"<td[^>]*>(.*?)</td>", shown) == ["2025-01", "2025-01-31", "332", "50%"]


def test_labels_follow_the_language():
    assert re.findall(r"<th(?: [^>]*)?>(.*?)</th>", page(language="zh")) == ["贷款编号", "到账日", "罚息", "费率"]


def test_an_empty_table_says_so():
    assert "<table" not in page(frame=FRAME.head(0))


def test_a_table_shows_itself_with_labels_and_its_index():
    shown = Table(FRAME.set_index("loan_id"), "zh")._repr_html_()
    assert re.findall(r"<th(?: [^>]*)?>(.*?)</th>", shown) == ["贷款编号", "到账日", "罚息", "费率"]
    assert "1,234.50" in shown
    assert "<img" not in shown
    with pytest.raises(CallError, match="no language 'fr'"):
        Table(FRAME, "fr")


def test_nothing_is_loaded_from_outside():
    assert not re.search("https?:|//", page())
    assert "default-src 'none'" in page()


def test_a_value_the_template_lacks_raises():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="title"):
        render("table", note="", frame=FRAME)


@pytest.mark.parametrize(
    ("call", "words"),
    [({"template": "no-such"}, "template 'no-such'"), ({"template": "table", "language": "fr"}, "language 'fr'")],
)
def test_a_wrong_name_lists_the_valid_ones(call, words):
    with pytest.raises(CallError, match=words):
        render(**call, title="", note="", frame=FRAME)


def test_without_a_browser_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CallError, match="save the document as HTML"):
        pdf("<p>")


def test_in_a_word_file_data_stay_text_and_open_no_picture(tmp_path):
    hostile = f"<b>x</b><img src='{__file__}'>"
    frame = pd.DataFrame({"loan_id": [hostile], "note": ["a &lt; b & c"]})
    page = render("table", title=hostile, note="", frame=frame)
    document = Document(io.BytesIO(word(page.replace("</body>", f"<img src='{__file__}'></body>"))))
    assert [cell.text for cell in document.tables[0].rows[1].cells] == [hostile, "a &lt; b & c"]
    assert hostile in [paragraph.text for paragraph in document.paragraphs]
    assert len(document.inline_shapes) == 0
    assert "<image" not in "".join(paragraph.text for paragraph in document.paragraphs)


def test_a_word_file_has_no_empty_lines_columns_by_their_texts_and_lines_to_sign_on():
    frame = pd.DataFrame({"loan_id": ["L1"], "amount": [7_099_267.27], "note": ["a text of many words " * 4]})
    boxes = "<div><div></div><p>above</p></div><div class='sign'><div>Prepared by</div></div>"
    made = render("table", title="T", note="", frame=frame).replace("</body>", f"{boxes}</body>")
    document = Document(io.BytesIO(word(made)))
    texts = [paragraph.text.strip() for paragraph in document.paragraphs]
    assert texts.count("") <= 1
    assert texts[-2:] == ["above", f"{'_' * 30} Prepared by"]
    table = document.tables[0]
    first, amount, note = (column.width for column in table.columns)
    assert first < amount < note
    section = document.sections[0]
    assert first + amount + note <= section.page_width - section.left_margin - section.right_margin
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [None, WD_ALIGN_PARAGRAPH.RIGHT, None]


def test_dates_stay_on_one_line_and_long_texts_have_room():
    frame = pd.DataFrame({"due_date": pd.to_datetime(["2025-01-31"]), "note": ["逾期首日即联系的贷款，除以期间新增"]})
    shown = Table(frame)._repr_html_()
    assert "white-space: nowrap" in shown.split("<tbody>")[1].split("2025-01-31")[0]
    assert 'class="long"' in shown.split("2025-01-31")[1]


@pytest.mark.skipif(not BROWSER, reason="the PDF test was NOT run: no chromium on this machine")
def test_the_pdf_is_a_pdf_of_one_page():
    printed = pdf(page(language="zh"))
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_numbers_that_were_written_as_texts_stay_as_they_were_written():
    shown = Table(pd.DataFrame({"numerator": ["1,038", "–"], "M1→M2": [0.25, None]}).astype({"numerator": "str"}))
    shown.frame.attrs["kind"] = "rate"
    html = shown._repr_html_()
    assert '<td class="number">1,038</td>' in html
    assert '<td class="number">25%</td>' in html
