"""The page *Policy* without a browser: values with sources, other values tried, what differs, own policies."""

from __future__ import annotations

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

import collectkit as ck
from collectkit.policy_values import fingerprint
from dashboards import __main__ as command
from dashboards import cards, pages, shared, tried
from dashboards.controls import CardTop, DateInput
from dashboards.pages import policy_open
from dashboards.session import Session
from dashboards.shell import Shell
from tests.five_loans import AS_OF, five_loans
from tests.shown import QUIET

pytestmark = QUIET

GRACE = "terms.*.grace_days@1950-01-01"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True, scope="module")
def five():
    """The five loans on offer."""
    shared.offer("five", five_loans)
    yield
    shared._loaders.pop("five")
    shared.forget()


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A file of somebody's own: five days of grace, and a name that would like to be markup."""
    monkeypatch.setattr(shared, "_own_policies", {})
    text = shared.text_of_policy("cn-microloan").replace('name = "cn-microloan"', f'name = "{HOSTILE}"')
    (tmp_path / "my-rules.toml").write_text(text.replace("grace_days = 3", "grace_days = 5", 1), encoding="utf-8")
    shared.offer_policy(str(tmp_path / "my-rules.toml"))
    return tmp_path / "my-rules.toml"


def shell(**query):
    asked = {"page": "policy", "portfolio": "five", "as_of": AS_OF, "policy": "plain", **query}
    return Shell(Session(pages.names(), asked))


def texts(view):
    tops = " ".join(f"{top.heading} {top.sub}" for top in view.content.select(CardTop))
    return tops + " ".join(str(pane.object) for pane in view.content.select(pn.pane.HTML))


def table(view, column):
    return next(one.value for one in view.content.select(pn.widgets.Tabulator) if column in one.value)


def field(view, label, kind=pmui.TextInput):
    return next(one for one in view.content.select(kind) if one.label == label)


def button(view, label):
    return next(one for kind in (pmui.Button, pmui.FileDownload) for one in view.content.select(kind)
                if one.label == label)  # fmt: skip


# The policy in use.


def test_name_file_and_fingerprint_of_the_policy_in_use():
    shown = texts(shell())
    assert "<dd>plain</dd>" in shown
    assert f"<dd>{fingerprint(ck.load_policy('plain'))}</dd>" in shown
    assert "collectkit 内置" in texts(shell(lang="zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_values_are_those_of_the_package(language):
    values = table(shell(lang=language, policy="cn-microloan", versions="all"), "note")
    pd.testing.assert_frame_equal(values, ck.policy_values(ck.load_policy(), language=language))


def test_at_first_the_values_in_force_on_the_date_are_shown():
    view = shell(policy="cn-microloan", as_of="2020-06-30")
    pd.testing.assert_frame_equal(table(view, "note"), ck.policy_values(ck.load_policy(), as_of="2020-06-30"))
    view.session.versions = "all"
    pd.testing.assert_frame_equal(table(view, "note"), ck.policy_values(ck.load_policy()))
    assert "versions=all" in view.session.search()


def test_a_word_narrows_the_values_and_stands_in_the_address():
    view = shell()
    field(view, "Search by word").value = " grace "
    pd.testing.assert_frame_equal(table(view, "note"), ck.policy_values(ck.load_policy("plain"), word="grace"))
    assert "find=grace" in view.session.search()
    field(view, "Search by word").value = "no such word"
    assert "No value, source or note has this word." in texts(view)


def test_the_file_is_downloaded_as_it_is(own):
    assert shared.text_of_policy("my-rules") == own.read_text(encoding="utf-8")
    assert shared.text_of_policy("plain").startswith("# For teaching")


# Other values.


def test_a_change_shows_the_figures_in_use_and_tried_and_changes_nobody_elses():
    """A day of grace lets B off: 505.00 of 2 020.00, and 0.25 of penalty; see tests/five_loans.py."""
    view, other = shell(), shell()
    assert "Change a value" in texts(view)
    field(view, "days of grace [days]").value = "1"
    rows = table(view, "in_use").set_index("policy_figure").T.to_dict("list")
    assert rows["Overdue loans"] == ["2", "1", "−1"]
    assert rows["Overdue amount · CNY"] == ["2,020.00", "1,515.00", "−505.00"]
    assert rows["Penalty · CNY"] == ["28.12", "27.87", "−0.25"]
    assert rows["PAR30"] == ["50.08%", "50.08%", "+0.00 points"]
    assert rows["Loans · M1"] == ["1", "0", "−1"]
    assert rows["Commission · elapsed_months · CNY"] == ["60.00", "60.00", "0.00"]
    assert field(view, "days of grace [days]").helper_text == "in use: 0"
    changed = ck.changed_policy(ck.load_policy("plain"), {GRACE: "1"})
    expected = ck.policy_effect(five_loans(), ck.load_policy("plain"), changed, as_of=AS_OF)
    pd.testing.assert_frame_equal(tried.effect(view.session.loaded, tried.changes_of(view.session)), expected)
    assert "Change a value" in texts(other)
    assert shared.policy("plain") == ck.load_policy("plain")


def test_the_address_holds_what_is_tried_and_the_way_back_ends_it():
    view = shell()
    field(view, "days of grace [days]").value = "1"
    assert Session(pages.names(), {"page": "policy", "tried": f"{GRACE} = 1"}).tried == ((GRACE, "1"),)
    assert "tried=terms.%2A.grace_days%401950-01-01+%3D+1" in view.session.search()
    field(view, "days of grace [days]").value = " 0 "
    assert view.session.tried == ()
    field(view, "days of grace [days]").value = "x"
    button(view, "Undo all changes").clicks += 1
    assert field(view, "days of grace [days]").value == "0"
    assert "tried" not in view.session.search()
    assert "Change a value" in texts(view)


@pytest.mark.parametrize(
    ("language", "label", "advice"),
    [("en", "days of grace [days]", "“many” is not a whole number; write e.g. 3"),
     ("zh", "宽限天数 [天]", "“many”不是整数；请写作 3 之类")],
)  # fmt: skip
def test_a_wrong_value_is_told_beside_its_field_and_nothing_is_lost(language, label, advice):
    view = shell(lang=language, tried=f"{GRACE} = 1")
    mode = field(view, "how grace works" if language == "en" else "宽限方式", pmui.Select)
    mode.value = "subtract"
    field(view, label).value = "many"
    assert field(view, label).error_state
    assert field(view, label).helper_text == advice
    assert field(view, label).value == "many"
    assert mode.value == "subtract"
    assert not mode.error_state
    assert advice in texts(view)
    assert len(view.session.tried) == 2
    assert not any("in_use" in one.value for one in view.content.select(pn.widgets.Tabulator))
    field(view, label).value = "1"
    assert not field(view, label).error_state
    assert table(view, "in_use")["tried"].iloc[1] == "1"


def test_what_one_change_asks_of_another_value_is_told_beside_that():
    view = shell(rules_group="allocation")
    field(view, "another order when late: from day [days]").value = "61"
    order = field(view, "another order when late: order")
    assert order.helper_text == "is missing; write it"
    order.value = "principal, interest, fee, penalty"
    assert not order.error_state
    assert "in_use" in table(view, "in_use")


def test_the_tried_policy_is_a_file_to_use_later(tmp_path):
    view = shell(tried=f"{GRACE} = 1")
    file = button(view, "Download as TOML")
    assert (file.visible, file.filename) == (True, "plain-tried.toml")
    (tmp_path / "tried.toml").write_bytes(file.callback().getvalue())
    expected = ck.changed_policy(ck.load_policy("plain"), {GRACE: "1"})
    assert ck.load_policy(tmp_path / "tried.toml") == expected
    view.session.tried = ((GRACE, "x"),)
    assert not button(view, "Download as TOML").visible
    view.session.tried = ()
    assert not button(view, "Download as TOML").visible


def test_a_change_of_a_value_that_is_not_there_is_told_and_not_tried():
    shown = texts(shell(tried="terms.car.grace_days@1950-01-01 = 1"))
    assert "1 change is of a value that this policy lacks" in shown
    assert "Change a value" in shown


@pytest.mark.parametrize("text", ["grace", "= ", "x" * 2000 + " = 1"])
def test_what_is_no_change_in_the_address_is_told(text):
    assert [name for name, _ in Session(pages.names(), {"page": "policy", "tried": text}).problems] == ["tried"]


def test_every_value_is_in_a_group_a_table_and_a_part():
    session, seen = Session(pages.names(), {"page": "policy", "policy": "cn-microloan"}), set()
    for group in policy_open._groups(session).values():
        session.rules_group = group
        for name in policy_open._tables(session).values():
            session.rules_table = name
            for part in policy_open._parts(session).values():
                session.rules_part = part
                leaves = policy_open.open_leaves(session)
                assert 0 < len(leaves) <= 40
                seen |= {leaf.address for leaf in leaves}
    values = tried.values_of("cn-microloan")
    assert seen == {address for address, leaf in values.items() if leaf.kind != "readings"}


def test_dates_choices_and_numbers_have_fields_of_their_own():
    view = shell(policy="cn-microloan", rules_group="days")
    assert field(view, "in force from", DateInput).value == "2017-08-04"
    days = field(view, "days of a year for interest [days]", pmui.Select)
    assert list(days.options.values()) == ["360", "365"]
    field(view, "in force from", DateInput).value = "2003-01-01"
    assert "does not come after 2004-01-01" in texts(view)


def test_a_row_of_the_values_opens_its_fields():
    view = shell(policy="cn-microloan")
    values = table(view, "note")
    row = values[values["policy_place"] == "tariffs.month_index.bands 2.rate"].iloc[0]
    policy_open.open_value(view.session, row)
    assert field(view, "age band 2: rate [fraction]").value == "0.14"
    policy_open.open_value(view.session, values[values["policy_place"] == "policy.title"].iloc[0])
    assert field(view, "title").value == "China, micro-lender"


def test_while_the_figures_are_worked_out_the_page_says_so(monkeypatch):
    waiting = []
    monkeypatch.setattr(cards, "in_background", lambda work, then: waiting.append((work, then)))
    view = shell(tried=f"{GRACE} = 1", as_of="2025-03-30")
    assert "Working out the figures" in texts(view)
    work, then = waiting.pop()
    work()
    then(None)
    assert table(view, "in_use")["in_use"].iloc[1] == "1"  # C; B is due on the day


# What differs.


def test_a_shipped_policy_differs_in_nothing_until_something_is_tried():
    view = shell()
    assert "Every value is that of “plain”." in texts(view)
    field(view, "days of grace [days]").value = "1"
    rows = table(view, "base_value")
    assert rows[["value_name", "base_value", "value"]].to_numpy().tolist() == [["days of grace", "0", "1"]]
    view.session.compared_with = "cn-microloan"
    assert len(table(view, "base_value")) > 1


def test_an_own_policy_is_offered_first_and_compared_with_what_it_is_like(own):
    assert shared.policies() == ["my-rules", "cn-microloan", "cn-credit-card", "plain"]
    view = shell(policy="my-rules", tried=f"policy.title = {HOSTILE}")
    rows = table(view, "base_value")
    assert rows[["value_name", "base_value", "value"]].to_numpy().tolist() == [
        ["name", "cn-microloan", HOSTILE], ["title", "China, micro-lender", HOSTILE], ["days of grace", "3", "5"]
    ]  # fmt: skip
    assert "<dd>my-rules.toml</dd>" in texts(view)
    assert HOSTILE not in texts(view)
    assert "&lt;img src=x" in texts(view)
    assert Session(pages.names(), {}).policy == "my-rules"


def test_an_own_policy_is_read_once(own):
    own.write_text("broken", encoding="utf-8")
    assert shared.policy("my-rules").terms[0].grace_days == 5


def test_a_name_that_is_taken_gets_a_number(own):
    assert shared.offer_policy(str(own)) == "my-rules 2"


@pytest.mark.parametrize(("text", "why"), [(None, "There is no policy file"), ("name = 3", "problem(s)")])
def test_a_policy_file_that_is_wrong_is_refused_at_the_start(tmp_path, capsys, text, why):
    if text:
        (tmp_path / "mine.toml").write_text(text)
    assert command.main(["--policy", str(tmp_path / "mine.toml")]) == 2
    assert why in capsys.readouterr().err


def test_rules_that_do_not_fit_the_book_say_what_is_missing():
    shown = texts(shell(tried="terms.*.effective_from@1950-01-01 = 2025-03-01"))
    assert "has no terms for 5 of 5 loans (product consumer, vehicle; the first disbursed on 2024-10-01)" in shown
