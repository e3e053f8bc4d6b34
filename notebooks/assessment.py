"""The final assessment: questions of one's own, marks without answers, and a score sheet for the training record."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from assessment_questions import QUESTIONS, Question
from IPython.display import HTML, Markdown
from support import typed

from collectkit import casework, tracking
from collectkit.documents import Table, render
from collectkit.printing import pdf

PASS_MARK = Fraction(4, 5)
"""Share of the marks that passes. Illustrative: no source manual gives one, so a house sets its own."""
MARKS = (Fraction(1), Fraction(1, 2))
"""What the first and the second answer to a question are worth; there is no third. Illustrative, too."""
_SLACK = 0.6  # of the last decimal that is asked: what is shown above a question is rounded as well
_SAID = {
    "en": {"open": "Put your answer in place of `...`, and run the cell again.", "right": "Recorded: **right**.",
           "again": "Recorded: **not right**. Read lesson {lesson} again; one more answer counts half.",
           "over": "Recorded: **not right**. This question is closed.", "kind": "Write a {kind}.",
           "number": "number", "date": "date as `\"2025-03-01\"`", "no_name": "Put your name in place of `...`."},
    "zh": {"open": "把 `...` 换成你的答案，再运行一次。", "right": "已记录：**正确**。",
           "again": "已记录：**不正确**。请重读第 {lesson} 课；再答一次，计一半分。",
           "over": "已记录：**不正确**。本题已结束。", "kind": "请写{kind}。",
           "number": "数字", "date": "日期，如 `\"2025-03-01\"`", "no_name": "把 `...` 换成你的姓名。"},
}  # fmt: skip

_HEADS = {
    "en": {"is_workday": "Working day", "lesson": "Lesson", "mark": "Mark", "questions": "Questions",
           "answers": "Answers given"},
    "zh": {"is_workday": "工作日", "lesson": "课", "mark": "得分", "questions": "题数", "answers": "作答次数"},
}  # fmt: skip


class Assessment:
    """The questions of one person.

    Parameters
    ----------
    seed : int
        Draws loans, dates and amounts: another number, other questions. A personnel number will do.
    language : {"en", "zh"}
    """

    def __init__(self, seed: int, *, language: str = "en") -> None:
        self.seed, self.language = seed, language
        self.given: dict[str, list[Any]] = {}
        self._asked: dict[str, Question] = {}

    def ask(self, name: str) -> HTML:
        """A question, with its table."""
        question = self._question(name)
        text = question.zh if self.language == "zh" else question.en
        table = "" if question.table is None else self._shown(question.table)._repr_html_()
        return HTML(f"<p><b>{name}.</b> {text}</p>{table}")

    def answer(self, name: str, given: Any = ...) -> Markdown:
        """Whether an answer is right, never the answer; an answer that is given twice counts once."""
        said, question = _SAID[self.language], self._question(name)
        if given is ...:
            return Markdown(said["open"])
        wanted = "date" if question.decimals is None else "number"
        if not _fits(given, wanted):
            return Markdown(said["kind"].format(kind=said[wanted]))
        answers = self.given.setdefault(name, [])
        if given not in answers and len(answers) < len(MARKS) and not self.mark(name):
            answers.append(given)
        if self.mark(name):
            return Markdown(said["right"])
        return Markdown(said["over" if len(answers) == len(MARKS) else "again"].format(lesson=name.split("-")[0]))

    def mark(self, name: str) -> Fraction:
        """Mark of a question so far."""
        question = self._question(name) if self.given.get(name) else None
        for mark, given in zip(MARKS, self.given.get(name, []), strict=False):
            if question is not None and _is_right(question, given):
                return mark
        return Fraction(0)

    def scores(self) -> pd.DataFrame:
        """One row per lesson: lesson, mark, questions, answers; and a last one in all."""
        rows = []
        for lesson, makers in QUESTIONS.items():
            names = [f"{lesson}-{number}" for number in range(1, len(makers) + 1)]
            answers = sum(len(self.given.get(name, [])) for name in names)
            rows.append((lesson, sum(map(self.mark, names), Fraction(0)), len(names), answers))
        return pd.DataFrame(rows, columns=["lesson", "mark", "questions", "answers"])

    def shown_scores(self) -> Table:
        """The scores as a table to read."""
        return self._shown(self.scores().astype({"mark": "float64"}))

    def is_passed(self) -> bool:
        """True if the pass mark is reached."""
        scores = self.scores()
        return bool(scores["mark"].sum() >= PASS_MARK * scores["questions"].sum())

    def sheet(self, *, name: str, date: str = "") -> str:
        """The score sheet as one HTML page to print and sign.

        Parameters
        ----------
        name, date : str
            Of the person and the day; an empty one is a line to write on.
        """
        scores = self.scores()
        return render(
            "score_sheet", language=self.language, name=name, date=date, seed=self.seed, rows=scores.to_dict("records"),
            mark=scores["mark"].sum(), most=scores["questions"].sum(), pass_mark=float(PASS_MARK),
            second=float(MARKS[1]), is_passed=self.is_passed(),
        )  # fmt: skip

    def save(self, path: str, *, name: Any = ..., date: str = "") -> Markdown:
        """Write the score sheet as .html or .pdf; without a name nothing is written."""
        if name is ...:
            return Markdown(_SAID[self.language]["no_name"])
        page = self.sheet(name=name, date=date)
        Path(path).write_bytes(pdf(page) if Path(path).suffix == ".pdf" else page.encode())
        return Markdown(f"`{path}`")

    def _shown(self, table: pd.DataFrame) -> Table:
        """A table with its codes in words, and heads of its own where the nomenclature has none."""
        told = casework.worded(tracking.in_words(table, language=self.language), language=self.language)
        return Table(told.rename(columns=_HEADS[self.language]), self.language)

    def _question(self, name: str) -> Question:
        """Made when it is first needed, always the same for a seed."""
        if name not in self._asked:
            lesson, number = name.split("-")
            place = [list(QUESTIONS).index(lesson), int(number)]
            self._asked[name] = QUESTIONS[lesson][int(number) - 1](np.random.default_rng([self.seed, *place]))
        return self._asked[name]


def _fits(given: Any, wanted: str) -> bool:
    """True for a number where a number is asked, a date where a date is."""
    if wanted == "number":
        return not isinstance(typed(given), str)
    return pd.notna(pd.to_datetime(typed(given), errors="coerce", format="%Y-%m-%d"))


def _is_right(question: Question, given: Any) -> bool:
    if question.decimals is None:
        return typed(given) == typed(question.answer)
    slack = _SLACK * 10.0**-question.decimals if question.decimals else 1e-9
    return abs(float(typed(given)) - float(question.answer)) <= slack
