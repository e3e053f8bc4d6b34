"""Reports: a notebook runs anew for a portfolio and a month, and becomes a page that stands alone."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from docx import Document
from pypdf import PdfReader

from collectkit.cli import main
from collectkit.errors import CallError
from collectkit.printing import pdf, with_pictures
from collectkit.progress import listening
from collectkit.reports import list_reports, make_report
from collectkit.word_files import word
from tests.five_loans import AS_OF, five_loans

ROOT = Path(__file__).parents[1]
BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium")
PARAMETERS = 'portfolio = "demo"\nmonth = "2025-12"\nlanguage = "en"'
OPENED = "import collectkit as ck\nbook = ck.load_portfolio(portfolio)"
COUNTED = 'import pandas as pd\npd.DataFrame({"month": [month], "loans": [len(book.loans)], "mark": ["<b>&"]})'
DRAWN = (
    'from collectkit import charts\nday = pd.Period(month).end_time.normalize()\nrules = ck.load_policy("plain")\n'
    "charts.bucket_bars(ck.bucket_totals(ck.assess(book, rules, as_of=day)), language=language)"
)


@pytest.fixture(autouse=True)
def this_package(monkeypatch):
    """The kernel runs the code that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def notebook(path, *code, parameters=PARAMETERS):
    """A report of a title and these cells."""
    v4 = nbformat.v4
    cell = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    cells = [v4.new_markdown_cell("# A book in a month\n\nSome *prose*."), cell, *map(v4.new_code_cell, code)]
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One report, run once, and what was heard while it ran."""
    folder = tmp_path_factory.mktemp("report")
    five_loans().write(folder / "book")
    path = notebook(folder / "tiny.ipynb", OPENED, COUNTED, DRAWN, DRAWN)
    heard = []
    os.environ["PYTHONPATH"] = str(ROOT)
    with listening(lambda *told: heard.append(told)):
        page = make_report(path, portfolio=str(folder / "book"), month=AS_OF[:7], language="zh")
    return page, heard


def test_the_report_has_texts_tables_and_figures_of_the_month(made):
    page, _ = made
    assert "<title>A book in a month</title>" in page
    assert "<em>prose</em>" in page
    assert re.findall(r"<td>(.*?)</td>", page) == ["2025-03", "5", "&lt;b&gt;&amp;"]
    assert 'id="figure-0"' in page
    assert 'id="figure-1"' in page


def test_code_is_left_out(made):
    assert "load_portfolio" not in made[0]
    assert "month =" not in made[0]


def test_plotly_is_inside_once_and_nothing_is_loaded_from_outside(made):
    page, _ = made
    assert page.count("* plotly.js v") == 1
    assert not re.search(r"""<(script|link|img)[^>]*(src|href)=["']https?:""", page)


def test_the_language_is_that_of_the_report(made):
    assert '<html lang="zh-CN">' in made[0]
    assert "由 collectkit 生成，数据：book, 2025-03" in made[0]


def test_one_hears_how_far_it_is(made):
    assert made[1][0] == ("running", 0, 7)
    assert made[1][-1] == ("running", 7, 7)


@pytest.mark.skipif(not BROWSER, reason="the PDF of a report was NOT tested: no chromium on this machine")
def test_the_pdf_has_the_table_and_the_chart(made):
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf(made[0]))).pages)
    assert "2025-03" in text
    assert "M2" in text  # a bar of the chart


@pytest.mark.skipif(not BROWSER, reason="the Word file of a report was NOT tested: no chromium on this machine")
def test_the_word_file_has_texts_tables_and_charts_as_pictures(made):
    document = Document(io.BytesIO(word(with_pictures(made[0]))))
    assert "A book in a month" in [paragraph.text for paragraph in document.paragraphs]
    assert [cell.text for cell in document.tables[0].rows[-1].cells][1:] == ["2025-03", "5", "<b>&"]
    assert len(document.inline_shapes) == 2
    assert all(1 < shape.width.inches <= 6 for shape in document.inline_shapes)


def test_prose_of_another_language_is_left_out(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "1 + 1")
    written = nbformat.read(path, as_version=4)
    titles = {"zh": "# 某月的账册", "en": "# A book in a month"}
    said = [nbformat.v4.new_markdown_cell(text, metadata={"tags": [tag]}) for tag, text in titles.items()]
    written.cells[:1] = [*said, nbformat.v4.new_markdown_cell("For all.")]
    nbformat.write(written, path)
    for language, title in titles.items():
        page = make_report(path, language=language)
        assert f"<title>{title[2:]}</title>" in page
        assert (titles["en"][2:] in page) == (language == "en")
        assert "For all." in page


def test_files_are_found_from_where_the_call_is_made(tmp_path, monkeypatch):
    (tmp_path / "june.csv").write_text("a\n1\n", encoding="utf-8")
    parameters = f'{PARAMETERS}\nagency = ""\nagency_file = ""'
    path = notebook(tmp_path / "a.ipynb", "import pandas as pd\npd.read_csv(agency_file)", parameters=parameters)
    monkeypatch.chdir(tmp_path)
    assert "<td>1</td>" in make_report(path, agency="North", agency_file="june.csv")


def test_the_notebook_is_not_changed(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "1 + 1")
    before = path.read_bytes()
    make_report(path)
    assert path.read_bytes() == before


def test_an_error_in_the_notebook_is_told_in_its_words(tmp_path):
    path = notebook(tmp_path / "a.ipynb", OPENED)
    with pytest.raises(CallError, match=r"Report a stopped: There is no file or folder nowhere\. Check the path\."):
        make_report(path, portfolio="nowhere", month="2025-03")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"portfolio": "demo"}, r"about one month\. Say which: --month"),
        ({"month": "2025-13"}, 'Write it as "2025-06"'),
        ({"month": "June"}, 'Write it as "2025-06"'),
        ({"language": "fr"}, "no language 'fr'"),
        ({"policy": "plain"}, "no parameter of report a 'policy'.*language, month, portfolio"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(tmp_path, parameters, words):
    with pytest.raises(CallError, match=words):
        make_report(notebook(tmp_path / "a.ipynb", "raise SystemExit"), **parameters)


def test_a_notebook_without_parameters_is_no_report(tmp_path):
    with pytest.raises(CallError, match="no cell tagged `parameters`"):
        make_report(notebook(tmp_path / "a.ipynb", parameters="x = 1"))


@pytest.mark.parametrize(
    ("name", "words"), [("nothing", "no report 'nothing'"), ("nowhere.ipynb", "no notebook nowhere.ipynb")]
)
def test_a_report_that_is_not_there(name, words):
    with pytest.raises(CallError, match=words):
        make_report(name)


def test_a_file_that_is_no_notebook(tmp_path):
    (tmp_path / "a.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(CallError, match=r"a\.ipynb is not a readable notebook"):
        make_report(tmp_path / "a.ipynb")


def test_every_report_of_the_house_can_be_run_for_a_portfolio():
    for row in list_reports().itertuples():
        assert "portfolio" in row.parameters.split(", "), row.name
        assert row.title


def test_the_command_lists_reports(capsys):
    assert main(["report"]) == 0
    assert "checks" in capsys.readouterr().out


def test_the_command_names_the_file_by_report_and_month(tmp_path, monkeypatch, capsys):
    path = notebook(tmp_path / "tiny.ipynb", "1 + 1", parameters='portfolio = "demo"\nmonth = "2025-12"')
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(path), "--portfolio", "demo", "--month", "2025-06"]) == 0
    assert "A book in a month" in (tmp_path / "tiny-2025-06.html").read_text(encoding="utf-8")
    assert main(["report", str(path), "--portfolio", "demo", "--month", "2025-06"]) == 2
    assert "there already" in capsys.readouterr().err


def test_checks_are_a_report_too(tmp_path, capsys):
    five_loans().write(tmp_path / "book")
    call = ["report", "checks", "--portfolio", str(tmp_path / "book"), "--to", str(tmp_path / "r.html")]
    assert main(call) == 0
    assert "No problems found" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert main(["report", "checks"]) == 2
    assert "Say what to check" in capsys.readouterr().err
