"""Scenarios saved and handed on: files that are complete or not there, a workbook that computes, a memo on one page."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import collectkit as ck
from collectkit import scenarios as sc
from collectkit.printing import pdf
from tests.save_and_die import NAME, save

HERE = Path(__file__).parent
SCENARIO = sc.load_scenario("growing-consumer")
TABLE = sc.compare(SCENARIO, draws=80)
SENSITIVITY = sc.sensitivity(SCENARIO, strategy=sc.leader(TABLE))


@pytest.fixture
def store(tmp_path):
    return sc.ScenarioStore(tmp_path / "scenarios")


def test_a_scenario_is_saved_loaded_copied_and_deleted(store):
    assert store.names() == []
    store.save("我的 方案-1", SCENARIO.replacing(wage=7000))
    assert store.load("我的 方案-1").inputs["wage"].value == 7000
    assert store.load("我的 方案-1").name == "我的 方案-1"
    store.duplicate("我的 方案-1", "copy")
    assert store.names() == ["copy", "我的 方案-1"]
    store.delete("我的 方案-1")
    assert store.names() == ["copy"]
    assert [path.name for path in store.folder.iterdir()] == ["copy.toml"]


@pytest.mark.parametrize("name", ["", "../evil", "a/b", ".hidden", "a.toml", "x" * 61, " x", "launch", "a\nb"])
def test_a_name_that_could_leave_the_folder_or_hide_is_refused(store, name):
    with pytest.raises(ck.CallError):
        store.save(name, SCENARIO)
    assert not store.folder.exists() or list(store.folder.iterdir()) == []


def test_a_copy_does_not_replace(store):
    store.save("one", SCENARIO)
    store.save("two", SCENARIO)
    with pytest.raises(ck.CallError, match="already"):
        store.duplicate("one", "two")


@pytest.mark.parametrize("act", ["load", "delete"])
def test_what_is_not_there_is_named(store, act):
    with pytest.raises(ck.CallError, match="saved scenario"):
        getattr(store, act)("nothing")


def test_a_save_that_fails_leaves_the_old_file(store, monkeypatch):
    store.save("one", SCENARIO)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("collectkit.scenarios.store.write_file", fail)
    with pytest.raises(OSError, match="disk full"):
        store.save("one", SCENARIO.replacing(wage=1))
    assert store.load("one").inputs["wage"].value == SCENARIO.inputs["wage"].value
    assert [path.name for path in store.folder.iterdir()] == ["one.toml"]


def test_an_adjustment_moves_the_range_along_and_scales_a_curve():
    other = sc.adjusted(SCENARIO, {"wage": 13_000, "agency.*.cash_rate": 0.5, "consumer_instalment.inflow_cases": 300})
    wage = other.inputs["wage"]
    assert (wage.low, wage.value, wage.high) == (10_000, 13_000, 17_000)
    before, after = (s.treatment("agency", "consumer_instalment").cash_rate.by_bucket["M4"] for s in (SCENARIO, other))
    assert after.value == pytest.approx(before.value / 2)
    assert other.products[0].inflow_cases.value == 300
    assert sc.adjusted(SCENARIO, {}) is SCENARIO


def test_an_adjustment_stays_within_the_limits():
    other = sc.adjusted(SCENARIO, {"in_house.*.cure_rate": 100, "bonus_share": 5})
    assert other.treatment("in_house", "*").cure_rate.by_bucket["M1"].value == 1
    assert other.inputs["bonus_share"].high == 1


def test_an_adjustment_of_nothing_known_is_refused():
    with pytest.raises(ck.CallError, match="input"):
        sc.adjusted(SCENARIO, {"salary": 1})


def open_book(language):
    file = sc.scenario_workbook(SCENARIO, TABLE, language=language)
    return tuple(openpyxl.load_workbook(io.BytesIO(file), data_only=only) for only in (True, False))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_workbook_holds_figures_and_live_formulas(language):
    values, formulas = open_book(language)
    assert len(values.sheetnames) == 3
    evens_values, evens = values.worksheets[1], formulas.worksheets[1]
    cells = {row[0].value: row[1] for row in evens.iter_rows(min_row=3)}
    assert cells["break_even_commission"].value.startswith("=1-(liquidation_in_house*placed")
    assert {"placed", "liquidation_in_house", "in_house_cost"} <= set(formulas.defined_names)
    shown = {row[0].value: row[1].value for row in evens_values.iter_rows(min_row=3)}
    table = sc.break_evens(SCENARIO).set_index("item")["figure"]
    assert shown["break_even_commission"] == pytest.approx(table["break_even_commission"])
    strategies = formulas.worksheets[0]
    assert any(str(cell.value).startswith("=") for row in strategies.iter_rows(min_row=4) for cell in row)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_memo_says_what_the_figures_say(language):
    page = sc.memo(SCENARIO, TABLE, SENSITIVITY, language=language, prepared="<b>31 December</b>")
    assert "&lt;b&gt;31 December" in page
    best = sc.leader(TABLE)
    assert sc.strategy_label(SCENARIO, best, language) in page
    assert ("hypothesis" if language == "en" else "假设") in page
    assert sc.input_label(SENSITIVITY["input"][0], language) in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_memo_prints_on_one_page(language):
    import pypdf

    printed = pdf(sc.memo(SCENARIO, TABLE, SENSITIVITY, language=language))
    assert len(pypdf.PdfReader(io.BytesIO(printed)).pages) == 1


def test_a_killed_save_leaves_the_old_scenario_or_the_new_one(tmp_path):
    save(tmp_path / "base", 6000)
    script = [sys.executable, str(HERE / "save_and_die.py"), str(tmp_path)]
    done = subprocess.run(
        script, env={**os.environ, "PYTHONPATH": str(HERE.parent)}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    saves = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(one["is_killed"] for one in saves) >= 4  # open, fsync, rename, fsync of the folder
    stores = [sc.ScenarioStore(one["folder"]) for one in saves]
    assert [store.names() for store in stores] == [[NAME]] * len(saves)
    wages = [store.load(NAME).inputs["wage"].value for store in stores]
    assert set(wages) == {6000, 7000}
    assert wages == sorted(wages)  # once it is there, it stays


@pytest.mark.parametrize(("language", "never", "assumed"), [("en", "never", "assumption"), ("zh", "不存在", "假设")])
def test_inputs_and_break_evens_are_told_in_words(language, never, assumed):
    table, told = sc.scenario_inputs(SCENARIO), sc.worded_inputs(SCENARIO, language=language)
    assert told.index.equals(table.index)
    wage, worth = table["input"].eq("wage"), table["input"].eq("cured_value")
    assert told.loc[wage, "likely"].item() == f"{table.loc[wage, 'likely'].item():,.0f}"
    assert told.loc[worth, "likely"].item() == f"{table.loc[worth, 'likely'].item():.2%}"
    assert set(told.loc[wage, "basis"]) == {assumed}
    evens = sc.worded_break_evens(SCENARIO, language=language).set_index("item")["figure"]
    figures = sc.break_evens(SCENARIO).set_index("item")["figure"]
    assert evens["lift"] == f"{figures['lift']:.2f}"
    assert (evens == never).tolist() == np.isinf(figures.astype(float)).tolist()
