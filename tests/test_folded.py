"""A file of month ends as a portfolio: the figures of the book, every page without a failure, no loans anywhere."""

from __future__ import annotations

from datetime import date

import panel as pn
import panel_material_ui as pmui
import pytest

import collectkit as ck
from collectkit import tracking
from collectkit.cli import main as command
from collectkit.policy_values import fingerprint
from collectkit.tracking._building import BY
from dashboards import __main__ as serving
from dashboards import pages, shared, tracked
from dashboards.controls import CardTop, Chart
from dashboards.session import Session
from dashboards.shell import Shell
from dashboards.words import words_in
from tests.shown import QUIET, texts

pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"
NEED_LOANS = [page.name for page in pages.PAGES if page.needs_loans]
NEEDS = "This needs the loans"


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch):
    monkeypatch.delenv(shared.WORKSPACE, raising=False)
    for offers in ("_sources", "_own_policies", "_policies_in_files"):
        monkeypatch.setattr(shared, offers, {})
    shared.forget()
    yield
    shared.forget()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The month ends of the demo, as the command writes them."""
    path = tmp_path_factory.mktemp("folded") / "months.parquet"
    assert command(["cube", "demo", "--to", str(path)]) == 0
    return path


@pytest.fixture
def months(file):
    """The file on offer."""
    return shared.offer_source(str(file))


def shell(**query):
    return Shell(Session(pages.names(), query))


def charts(view):
    """Every chart by its words, which begin with its heading."""
    return {chart.label: chart.figure for chart in view.content.select(Chart) if chart.figure}


def tables(view):
    return [table.value for table in view.content.select(pn.widgets.Tabulator)]


# The figures are those of the book


@pytest.mark.parametrize(
    "query",
    [
        {"lang": "zh"},
        {"by": "balance", "vintage_days": "90", "vintage_measure": "current"},
        {"product": ["vehicle_pledge"], "channel": ["in_house"], "since": "2024-06", "until": "2025-03"},
        {"as_of": "2025-02-14", "vintage": ["2024-11"]},
    ],
)
def test_portfolio_shows_the_figures_of_the_book(months, query):
    of_file, of_book = (shell(page="portfolio", portfolio=name, **query) for name in (months, "demo"))
    drawn, expected = charts(of_file), charts(of_book)
    assert drawn == expected
    assert len(drawn) >= 6
    tiles = [next(pane.object for pane in view.content.select(pn.pane.HTML) if 'class="tiles"' in pane.object)
             for view in (of_file, of_book)]  # fmt: skip
    assert tiles[0] == tiles[1]


@pytest.mark.parametrize("query", [{"sides": "months"}, {"sides": "segments", "dimension": "region", "lang": "zh"}])
def test_compare_shows_the_figures_of_the_book(months, query):
    of_file, of_book = (shell(page="compare", portfolio=name, **query) for name in (months, "demo"))
    assert charts(of_file) == charts(of_book)
    assert len(charts(of_file)) == 3
    assert all(one.equals(other) for one, other in zip(tables(of_file), tables(of_book), strict=True))


def test_the_command_folds_by_what_the_pages_filter_by(months):
    assert set(tracked.DIMENSIONS) == set(BY)
    assert tracked.values(shared.edition(months)) == tracked.values("demo")


# What needs loans


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", pages.names())
def test_every_page_is_there_or_says_that_it_needs_the_loans(months, page, language):
    view, words = shell(page=page, lang=language, loan="L0001", agency="Anxin", case="L0001"), words_in(language)
    shown = texts(view.view)
    assert words.text("This could not be shown") not in shown
    assert view.session.failure is None
    if page in NEED_LOANS:
        assert words.text(NEEDS) in texts(view.content)
        ways = [button.label for button in view.content.select(pmui.Button)]
        assert ways == [words.text(each.title) for each in pages.PAGES if not each.needs_loans]
        view.content.select(pmui.Button)[0].clicks += 1
        assert view.session.page == "portfolio"
        assert charts(view)


def test_cards_that_need_loans_say_so_and_offer_nothing_to_choose(months):
    view = shell(page="portfolio")
    tops = {top.heading: top for top in view.content.select(CardTop)}
    without = ("Loans behind a cell", "Key figures")
    assert texts(view.content).count(NEEDS) == len(without)
    for heading, top in tops.items():
        assert bool(top.files) == (heading not in without)
    fields = [field.label for field in view.content.select(pmui.Select) if _is_seen(field, view.content)]
    assert "Month end" not in fields
    view.session.open("demo")
    assert NEEDS not in texts(view.content)
    fields = [field.label for field in view.content.select(pmui.Select) if _is_seen(field, view.content)]
    assert "Month end" in fields


def _is_seen(part, view):
    """True unless something around the part is hidden."""
    around = [each for each in view.select(pn.Column) if part in each.select()]
    return all(each.visible for each in around)


def test_the_first_page_is_one_that_works(months):
    assert shell().session.page == "portfolio"
    assert shell(portfolio="demo").session.page == "today"


def test_no_loan_can_be_asked_for(months):
    view = shell(page="portfolio", loan="L0001")
    assert (view.session.loan, view.loan.visible) == ("", False)
    view.session.loan = "L0001"
    assert "Loan L0001" not in texts(view.view)
    view.session.open("demo")
    assert view.loan.visible


def test_from_a_book_to_a_file_and_back(months):
    view = shell(page="agencies", portfolio="demo", agency="Anxin", as_of="2025-12-31", policy="plain")
    view.portfolio.value = months
    assert NEEDS in texts(view.content)
    assert (view.session.policy, view.session.agency, view.session.failure) == ("cn-microloan", "", None)
    view.portfolio.value = "demo"
    assert NEEDS not in texts(view.content)
    assert tables(view)


# Date and policy


def test_the_date_stays_within_the_file(months):
    view = shell(page="portfolio", as_of="2026-03-01")
    assert view.session.as_of == date(2025, 12, 31)
    assert "2026-03-01" in texts(view.problems)
    assert (view.as_of.start, view.as_of.end) == ("2023-07-31", "2025-12-31")
    view.as_of.value = "2031-01-01"
    assert (view.session.as_of, view.as_of.value) == (date(2025, 12, 31), "2025-12-31")
    view.as_of.value = "2001-01-01"
    assert (view.session.as_of, view.as_of.value) == (date(2023, 7, 31), "2023-07-31")
    assert charts(view)
    other = shell(page="portfolio", portfolio="demo", as_of="2020-01-01")
    other.session.open(months)
    assert other.session.as_of == date(2025, 12, 31)


def test_only_the_policy_of_the_file_is_offered(months):
    view = shell(page="portfolio", policy="plain")
    assert (view.policy.options, view.session.policy) == (["cn-microloan"], "cn-microloan")
    assert "plain" in texts(view.problems)
    view.session.open("demo")
    assert view.policy.options == shared.policies()


def test_a_policy_that_differs_from_the_shipped_one_goes_by_its_fingerprint(tmp_path):
    mine = ck.load_policy("cn-microloan").replacing(grace_days=9)
    (tmp_path / "mine.toml").write_text(ck.policy_toml(mine), encoding="utf-8")
    made = tmp_path / "mine.parquet"
    assert command(["cube", "demo", "--policy", str(tmp_path / "mine.toml"), "--to", str(made)]) == 0
    name = shared.offer_source(str(made))
    view = shell(page="policy", portfolio=name)
    own = f"cn-microloan {fingerprint(mine)}"
    assert view.policy.options == [own]
    assert fingerprint(mine) in texts(view.content)
    assert shared.text_of_policy(own) == ck.policy_toml(mine)
    assert shared.policy("cn-microloan") == ck.load_policy("cn-microloan")
    assert own not in shared.policies()
    assert shell(page="portfolio", portfolio=name, policy=own).session.problems == []
    shared.offer_policy(str(tmp_path / "mine.toml"))
    assert shell(portfolio=name).policy.options == ["mine"]


def test_a_file_that_is_written_anew_is_news(file, tmp_path):
    place = tmp_path / "months.parquet"
    tracking.read_followed(file).up_to("2025-06-30").to_parquet(place)
    shared.offer_source(str(place))
    view = shell()
    assert view.session.as_of == date(2025, 6, 30)
    tracking.read_followed(file).to_parquet(place)
    view.news.look()
    assert "have changed on disk" in texts(view.news.view)
    view.news.view.select(pmui.Button)[0].clicks += 1
    assert (view.session.as_of, view.as_of.end) == (date(2025, 12, 31), "2025-12-31")


# The command, and files that pages cannot show


def test_a_file_is_served_first_among_others(file, monkeypatch):
    served = []
    monkeypatch.setattr("dashboards.app.serve", lambda **options: served.append(shared.portfolios()))
    assert serving.main(["--portfolio", str(file)]) == 0
    assert served[0][:2] == ["months", "demo"]
    shared.warm()


def cube_of(dates, **asked):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    panel = ck.track(book, policy, dates=dates)
    return tracking.cube(panel, book.loans, **{"policy": policy, **asked})


def no_late_loans():
    dates = ck.month_ends("2023-07-31", "2023-08-31")
    book = ck.load_sample("demo")
    late = tracking.recoveries(ck.track(book, ck.load_policy(), dates=dates), book.loans)
    assert late.empty
    return late


@pytest.mark.parametrize(
    ("cube", "lacking"),
    [
        (lambda months: cube_of(months, policy=None), "under which policy"),
        (lambda months: cube_of(months).where(region="East"), "a part of a book"),
        (lambda months: cube_of(months, by=["product", "channel"]), "not by product, region"),
        (lambda months: cube_of(months, days=[0, 30]), "90 days past due"),
        (lambda months: cube_of(months), "what came in after"),
        (lambda months: cube_of(["2025-05-15", "2025-06-15"]), "not all month ends"),
        (lambda months: cube_of(["2025-04-30", "2025-06-30"]), "not all month ends"),
    ],
)
def test_a_cube_that_pages_cannot_show_is_not_served(tmp_path, capsys, cube, lacking):
    months = cube(ck.month_ends("2025-05-31", "2025-06-30"))
    late = None if lacking.startswith("what") else no_late_loans()
    tracking.Followed(months, late).to_parquet(tmp_path / "a.parquet")
    assert serving.main(["--portfolio", str(tmp_path / "a.parquet")]) == 2
    told = capsys.readouterr().err
    assert lacking in told
    assert "collectkit cube" in told


def test_another_parquet_file_is_refused_as_before(tmp_path, capsys):
    ck.load_sample("demo").loans.to_parquet(tmp_path / "loans.parquet")
    assert serving.main(["--portfolio", str(tmp_path / "loans.parquet")]) in (1, 2)
    assert "instalments" in capsys.readouterr().err


def test_text_in_a_file_stays_text(tmp_path):
    loans = ck.load_sample("demo").loans.head(40).assign(region=HOSTILE, product=HOSTILE)
    book = ck.load_sample("demo").selecting(loans["loan_id"]).replacing(loans=loans)
    policy = ck.load_policy("plain").model_copy(update={"name": HOSTILE})
    panel = ck.track(book, policy, dates=ck.month_ends("2025-01-31", "2025-06-30"))
    tracking.followed(panel, book.loans, policy=policy).to_parquet(tmp_path / "strange.parquet")
    shared.offer_source(str(tmp_path / "strange.parquet"))
    for page in ("portfolio", "compare", "policy", "today"):
        view = shell(page=page)
        assert "<img" not in texts(view.view)
        assert HOSTILE in view.policy.options[0]
