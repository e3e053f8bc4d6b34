"""The final assessment: drawn from a seed, marked without telling, and its answers hold against a second way."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from assessment import MARKS, PASS_MARK, Assessment
from assessment_questions import QUESTIONS

NAMES = [f"{lesson}-{number}" for lesson, makers in QUESTIONS.items() for number in range(1, len(makers) + 1)]


def right(exam, name):
    """An answer as a person would write it: rounded as asked."""
    question = exam._question(name)
    return question.answer if question.decimals is None else round(float(question.answer), question.decimals)


@pytest.fixture(scope="module")
def drawn():
    return {seed: Assessment(seed) for seed in (1, 2, 3)}


def test_a_seed_draws_the_same_questions_and_another_one_others(drawn):
    again = Assessment(1)
    assert [again.ask(name).data for name in NAMES] == [drawn[1].ask(name).data for name in NAMES]
    other = [name for name in NAMES if drawn[2].ask(name).data != drawn[1].ask(name).data]
    assert len(other) > len(NAMES) * 2 / 3


def test_an_answer_is_marked_and_never_told(drawn):
    for seed, exam in drawn.items():
        for name in NAMES:
            answer = right(exam, name)
            wrong = pd.Timestamp("2031-01-01") if exam._question(name).decimals is None else answer + 1000
            said = exam.answer(name, wrong).data
            assert "not right" in said
            assert f"lesson {name.split('-')[0]} " in said
            assert str(answer) not in said.replace(f"lesson {name.split('-')[0]} ", "")
            assert exam.mark(name) == 0
            assert "**right**" in exam.answer(name, answer).data, (seed, name)
            assert exam.mark(name) == MARKS[1]
    assert drawn[1].scores()["mark"].sum() == MARKS[1] * len(NAMES)
    assert not drawn[1].is_passed()


def test_there_are_two_answers_and_the_same_one_counts_once():
    exam, name = Assessment(4), "1b-1"
    answer = right(exam, name)
    for _ in range(3):
        assert "one more answer" in exam.answer(name, answer + 1).data
    assert "closed" in exam.answer(name, answer + 2).data
    assert "closed" in exam.answer(name, answer).data
    assert exam.mark(name) == 0
    assert "number" in exam.answer("1-1", "soon").data
    assert "date" in exam.answer("6-1", "2025-13-40").data
    assert exam.given == {name: [answer + 1, answer + 2]}


def test_the_pass_mark_is_reached_at_four_fifths_and_not_below():
    exam = Assessment(5)
    enough = int(np.ceil(PASS_MARK * len(NAMES)))
    for name in NAMES[: enough - 1]:
        exam.answer(name, right(exam, name))
    assert not exam.is_passed()
    exam.answer(NAMES[enough], right(exam, NAMES[enough]))
    assert exam.is_passed()


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["Trainee, date", "illustrative"]), ("zh", ["学员签名", "示意值"])]
)
def test_the_sheet_says_who_when_what_and_that_the_mark_is_illustrative(tmp_path, language, words):
    exam = Assessment(6, language=language)
    exam.answer("1b-1", right(exam, "1b-1"))
    page = exam.sheet(name="<b>A. Example", date="2026-01-15")
    assert "&lt;b&gt;A. Example" in page
    assert all(word in page for word in ["2026-01-15", "80%", *words])
    row = page.split("<td>1b</td>")[1].split("</tr>")[0]
    assert [cell for cell in ("1.0", ">2<", ">1<") if cell not in row] == []
    exam.save(str(tmp_path / "sheet.html"), name="A. Example")
    assert "A. Example" in (tmp_path / "sheet.html").read_text(encoding="utf-8")


def test_without_a_name_nothing_is_written(tmp_path):
    assert "name" in Assessment(6).save(str(tmp_path / "sheet.html")).data
    assert not list(tmp_path.iterdir())


def question(name, seed):
    lesson, number = name.split("-")
    place = [list(QUESTIONS).index(lesson), int(number)]
    return QUESTIONS[lesson][int(number) - 1](np.random.default_rng([seed, *place]))


@pytest.mark.parametrize("seed", [11, 12])
def test_the_tables_shown_are_enough_to_answer_by_hand(seed):
    """What a person would do with pencil and paper, from the table alone."""
    late = question("1-1", seed)
    as_of = pd.Timestamp(late.en.split("due by ")[1][:10])
    assert (as_of - late.table["due_date"].min()).days == late.answer
    roll = question("2-1", seed)
    order = ["M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"]
    start = roll.table["state_before"].iloc[0]
    forward = roll.table[roll.table["state"].astype(str).isin(order[order.index(start) + 1 :])]
    assert 100 * forward["loans"].sum() / roll.table["loans"].sum() == pytest.approx(roll.answer)
    flow = question("2-2", seed)
    low, high = flow.en.split("Net flow ")[1].split(" in ")[0].split("→")
    assert 100 * flow.table[high].iloc[1] / flow.table[low].iloc[0] == pytest.approx(flow.answer)
    bill = question("4-2", seed).table
    cents = (bill["commissionable"] * 100).round().astype(int) * (bill["rate"] * 100).round().astype(int)
    assert ((cents + 50) // 100).sum() / 100 == pytest.approx(question("4-2", seed).answer)
    letter = question("6-2", seed)
    fifteenth = pd.Timestamp(letter.en.split("goes out on ")[1][:10]) + pd.Timedelta(days=15)
    after = letter.table[letter.table["is_workday"] & letter.table["date"].ge(fifteenth)]
    assert after["date"].iloc[0] == letter.answer
    due = question("6-1", seed)
    assert pd.Timestamp(due.en.split("Due ")[1][:10]) + pd.Timedelta(days=45) == due.answer
    change = question("8-1", seed)
    shares = 100 * change.table["overdue_loans"] / change.table["loans"]
    assert shares.iloc[1] - shares.iloc[0] == pytest.approx(change.answer)
    hours = question("7-1", seed)
    times = hours.en.split("one day: ")[1].split(". How")[0].split(", ")
    assert sum(not "08:00" <= time < "22:00" for time in times) == hours.answer


@pytest.mark.parametrize("seed", range(1, 7))
def test_shares_of_vintages_are_read_from_the_page_as_they_are_asked(seed):
    """1.85% stood there as 185% once."""
    exam = Assessment(seed)
    page = exam.ask("3-1").data
    old, young = [re.findall(r'<td class="number">(.*?)</td>', row) for row in page.split("<tr>")[2:4]]
    shares = [[float(cell.rstrip("%")) for cell in pair] for pair in zip(old, young, strict=True) if all(pair)]
    assert max(shares[-1]) < 30
    assert exam._question("3-1").answer == pytest.approx(shares[-1][1] - shares[-1][0])


def test_flags_states_and_heads_are_in_words():
    page = Assessment(1, language="zh")
    assert all(word in page.ask("6-2").data for word in ("工作日", "是", "否"))
    assert "作答次数" in page.shown_scores()._repr_html_()


def test_every_question_is_in_both_languages_and_has_a_number_or_a_date(drawn):
    for name in NAMES:
        asked = drawn[3]._question(name)
        assert asked.en.rstrip(")").strip()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in asked.zh)
        assert asked.answer == asked.answer
        assert {field.name for field in dataclasses.fields(asked)} >= {"en", "zh", "answer"}
