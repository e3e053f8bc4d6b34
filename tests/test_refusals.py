"""The Chinese words of what readers refuse: one for every error they can raise, with what it holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import collectkit as ck
from collectkit import CollectkitError, PortfolioError
from collectkit.errors import unknown_name
from collectkit.refusals import _CHINESE, refusal_in
from collectkit.sources import read_portfolio
from tests.test_broken_files import CASES, made

PACKAGE = Path(ck.__file__).parent
READERS = [
    *(PACKAGE / f"{name}.py" for name in ("files", "_csv", "sources", "mapping", "register", "_merge", "_incoming")),
    PACKAGE.parent / "dashboards" / "pages" / "data_upload.py",
    PACKAGE.parent / "dashboards" / "folded.py",
    PACKAGE / "tracking" / "_storing.py",
    PACKAGE / "casework" / "plans.py",
]
#: Said to who writes code, never to who brings a file.
CALLS = {
    "`imported_at` is missing. Give the local time of the import.",
    "`sha256` is not a SHA-256. Give its 64 hex digits.",
    "`by` is empty. Say who imports the file.",
    "The cubes differ in `{}`. Fold and filter all parts in the same way.",
    "The cubes have different dates. Track all parts on the same dates.",
}


def texts(path):
    """Texts of the errors a module raises, with {} for what is filled in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("CallError", "PolicyError"):
            said = node.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)


def test_every_refusal_of_the_readers_has_chinese_words():
    raised = {text for path in READERS for text in texts(path)}
    assert len(raised) > 30
    assert raised - CALLS - _CHINESE.keys() == set()


def test_every_entry_is_raised_somewhere():
    raised = {text for path in READERS for text in texts(path)} | {"There is no {} {}. Use one of: {}."}
    assert _CHINESE.keys() - raised == set()


@pytest.mark.parametrize("english", _CHINESE)
def test_what_an_error_holds_is_in_the_chinese_text(english):
    count = english.count("{}")
    assert set(re.findall(r"{(\d)}", _CHINESE[english])) == {str(i) for i in range(count)}
    words = [f"w{i}" for i in range(count)]
    assert refusal_in(english.format(*words), "zh") == _CHINESE[english].format(*words)


@pytest.mark.parametrize("case", [c for c in CASES if c["outcome"] == "error" and c["source"] == "file"],
                         ids=lambda case: case["case"])  # fmt: skip
def test_broken_files_are_refused_in_chinese(case, tmp_path):
    source, mapping = made(case, tmp_path)
    with pytest.raises(CollectkitError) as caught:
        read_portfolio(source, mapping=mapping)
    if not isinstance(caught.value, PortfolioError) and "problem(s)" not in str(caught.value):
        assert re.search("[\u4e00-\u9fff].*。$", refusal_in(str(caught.value), "zh"), re.DOTALL)


def test_an_unknown_name_is_told_with_its_kind():
    text = str(unknown_name("kind of file", ".exe", [".csv", ".xlsx"]))
    assert refusal_in(text, "zh") == "没有此类文件 '.exe'。可用的有：.csv, .xlsx。"


def test_english_and_other_texts_stay():
    assert refusal_in("a is empty. Export it again.", "en") == "a is empty. Export it again."
    assert refusal_in("Something else.", "zh") == "Something else."
