"""One catalogue of problems: complete in both languages, used, and told again without loss."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectkit as ck
from collectkit.checks import PROBLEM_COLUMNS, check_tables
from collectkit.errors import CallError
from collectkit.problems import _BEHIND, PROBLEMS, _places, behind, problems_in, shown_problems, told
from tests.five_loans import tables

PACKAGE = Path(ck.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
#: What may stand in the places of the texts.
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="`"), min_size=1)
FILLED = [key for key, words in PROBLEMS.items() if _places(words.en + words.advice_en)]


def row(problem, what_to_do):
    return pd.DataFrame([["loans", 1, None, "principal", problem, None, "error", what_to_do]], columns=PROBLEM_COLUMNS)


def in_chinese(problem, what_to_do):
    return problems_in(row(problem, what_to_do), "zh").loc[0, ["problem", "what_to_do"]].tolist()


def broken():
    """The five loans with several things wrong."""
    made = tables()
    made["payments"] = made["payments"].assign(amount=[-1.0, 0.0, 1.001, 5.0], loan_id=["A", "Z", "C", "D"])
    made["loans"] = made["loans"].assign(close_code="gone", annual_rate="18")
    made["instalments"] = made["instalments"].assign(due_date=pd.Timestamp("2151-01-01"))
    return made


@pytest.mark.parametrize("key", PROBLEMS)
def test_every_problem_has_its_words_in_both_languages(key):
    problem = PROBLEMS[key]
    assert all(problem)
    assert CHINESE.search(problem.zh)
    assert CHINESE.search(problem.advice_zh)
    assert not CHINESE.search(problem.en + problem.advice_en)
    assert _places(problem.zh + problem.advice_zh) or not _places(problem.en + problem.advice_en)
    assert set(_places(problem.zh)) <= set(_places(problem.en))
    assert set(_places(problem.advice_zh)) <= set(_places(problem.advice_en))


@pytest.mark.parametrize("is_advice", [False, True])
def test_one_english_text_has_one_chinese_text(is_advice):
    pairs = {(p.advice_en, p.advice_zh) if is_advice else (p.en, p.zh) for p in PROBLEMS.values()}
    assert len({english for english, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("key", [*PROBLEMS, *_BEHIND])
def test_every_problem_is_used(key):
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py") if path.name != "problems.py")
    assert f'"{key}"' in code


def test_the_package_has_no_problem_outside_the_catalogue():
    """What the checks find in a badly broken book is all told in Chinese."""
    found = check_tables(broken())
    assert found["problem"].nunique() > 5
    chinese = check_tables(broken(), language="zh")
    assert chinese.drop(columns=["problem", "what_to_do"]).equals(found.drop(columns=["problem", "what_to_do"]))
    assert chinese["problem"].str.contains(CHINESE).all()
    assert chinese["what_to_do"].str.contains(CHINESE).all()


@pytest.mark.parametrize("key", [key for key in PROBLEMS if key not in FILLED])
def test_a_text_is_told_again(key):
    assert in_chinese(*told(key)) == [PROBLEMS[key].zh.format(), PROBLEMS[key].advice_zh.format()]


@pytest.mark.parametrize("key", FILLED)
@settings(max_examples=30)
@given(data=st.data())
def test_a_text_is_told_again_with_what_it_holds(key, data):
    places = {*_places(PROBLEMS[key].en), *_places(PROBLEMS[key].advice_en)}
    words = {name: data.draw(WORDS, name) for name in sorted(places)}
    expected = [PROBLEMS[key].zh.format(**words), PROBLEMS[key].advice_zh.format(**words)]
    assert in_chinese(*told(key, **words)) == expected


def test_what_stands_behind_is_told_too():
    problem, advice = told("cell_amount")
    texts = in_chinese(problem + behind("imported_before", table="payments"),
                       advice + behind("it_is_column", name="金额", source="流水"))  # fmt: skip
    assert texts[0] == "无法读作金额（此前导入的还款中的一行）"
    assert texts[1].endswith("即“流水”中的“金额”列。")


def test_a_text_that_is_none_of_ours_stays():
    assert in_chinese("My own check", "Ask Li.") == ["My own check", "Ask Li."]


def test_english_stays_as_it_is():
    found = row("x", "y")
    assert problems_in(found, "en") is found


def test_an_unknown_language_lists_the_valid_ones():
    with pytest.raises(CallError, match="en, zh"):
        problems_in(row("x", "y"), "fr")


def test_a_shown_table_has_labels_and_no_missing_cells():
    shown = shown_problems(check_tables(broken()), "zh")
    assert set(shown["table"]) <= {"贷款", "还款计划", "还款"}
    assert set(shown["severity"]) == {"错误"}
    assert "还款编号" not in shown["problem"].tolist()
    assert not shown[["loan_id", "value"]].isna().any().any()
