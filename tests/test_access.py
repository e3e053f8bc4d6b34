"""Access control: who comes in, and that nobody sees more than the role allows, asked over HTTP and websocket."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import stat
import time
from types import SimpleNamespace

import docx
import openpyxl
import pandas as pd
import panel as pn
import pypdf
import pytest

import collectkit as ck
from collectkit.errors import CallError, PolicyError
from dashboards import __main__ as command
from dashboards import access, app, audit, pages, passwords, rights, shared, users
from dashboards.access import SECRET, SignedIn, load_access
from dashboards.rights import ROLES, Reader, seen
from dashboards.session import Session
from dashboards.throttle import Throttle
from tests.asking import data_of, fetch, opened, sign_in

# Bokeh 3.9 still asks pandas 3.1 to work in place; the component library names one style in two ways.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
    pytest.mark.filterwarnings("ignore:reference already known"),
    pytest.mark.filterwarnings("ignore:Both 'variant' and 'button_style'"),
]
PASSWORD = "four words in a row"
NOTED = "NOTED-BY-A-COLLECTOR"
ID = re.compile(r"\bL\d{4}\b")
CASE = "L0795"
DAY = "2025-12-31"
WITH_PDF = ("agencies", "case", "scenarios")


def guarded_book():
    """The demo portfolio, with a note after every contact."""
    demo = ck.load_sample("demo")
    return demo.replacing(contacts=demo.contacts.assign(note=NOTED))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A password file with a user for each role, and an access file beside it."""
    place = tmp_path_factory.mktemp("access")
    everybody = {}
    for role in ROLES:
        everybody = passwords.with_user(everybody, f"a-{role}", role, PASSWORD)
    passwords.write_users(everybody, place / "users.toml")
    (place / "access.toml").write_text('users = "users.toml"\nhttps = false\naudit = "audit.log"\n')
    return place


@pytest.fixture(scope="module")
def door(folder):
    """The access control of the server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "a secret that is only used in these tests")
        return load_access(folder / "access.toml")[0]


@pytest.fixture(scope="module")
def address(door):
    """A server with access control, whose figures are there."""
    shared.offer("guarded", guarded_book)
    for name in pages.names():
        pages.named(name).build(Session(pages.names(), {"page": name, "portfolio": "guarded", "case": CASE}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app.serve(port=port, threaded=True, access=door)
    wait_for(port)
    yield f"http://127.0.0.1:{port}/"
    pn.state.reset()
    shared._loaders.pop("guarded")
    shared.forget()


def wait_for(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture(scope="module")
def cookies(address):
    """A signed-in cookie of each role."""
    return {role: sign_in(address, f"a-{role}", PASSWORD)[1] for role in ROLES}


@pytest.fixture(scope="module")
def answers(address, cookies):
    """What each role gets of a page, asked for once."""
    found = {}

    def get(role, page):
        if (role, page) not in found:
            query = f"?portfolio=guarded&page={page}&case={CASE}&loan={CASE}"
            found[role, page] = opened(address, query, cookie=cookies[role], ask=kinds(role, page))
        return found[role, page]

    return get


def kinds(role, page):
    """Files to ask for. A workbook has the rows of the CSV, a chart as HTML has the figure that the page got."""
    is_below = role in ("viewer", "analyst")
    workbook = ("xlsx",) if role == "viewer" or (is_below and page in ("today", "case")) else ()
    return ("csv", "docx", *workbook, *(("pdf",) if is_below and page in WITH_PDF else ()))


def ids_in(answer):
    """Ids of loans but that of the address, which the address itself repeats."""
    return {*ID.findall(answer.text), *ID.findall("\n".join(map(text_of, answer.files.items())))} - {CASE}


def text_of(file):
    """What stands in a downloaded file."""
    name, content = file
    if name.endswith("xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        return "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    if name.endswith("pdf"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    if name.endswith("docx"):
        return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)
    return content.decode()


# What each role gets, over HTTP and websocket.

OF_LOANS = ("today", "agencies", "worklist", "case", "conduct")


def test_a_manager_gets_what_was_noted_letters_and_statements(answers):
    case = answers("manager", "case")
    assert NOTED in case.text
    assert any(name.endswith("docx") for name in case.files)
    assert any(name.startswith("statement-") for name in answers("manager", "agencies").files)


@pytest.mark.parametrize("name", pages.names())
def test_a_viewer_gets_no_loan_of_any_page(answers, name):
    answer = answers("viewer", name)
    assert ids_in(answer) == set()
    assert NOTED not in answer.text
    assert not any(file.endswith("docx") for file in answer.files)
    assert not any(file.endswith("pdf") for file in answer.files) or name == "scenarios"  # its memo has totals only
    for file, content in answer.files.items():
        if file.endswith("csv"):
            assert not set(content.decode("utf-8-sig").splitlines()[0].split(",")) & {"loan_id", "customer_id"}


@pytest.mark.parametrize("name", (*OF_LOANS, "data"))
def test_an_analyst_gets_loans_but_no_personal_data_no_letter_and_no_statement(answers, name):
    answer = answers("analyst", name)
    assert NOTED not in answer.text
    assert not any(NOTED in text_of(file) for file in answer.files.items())
    assert not any(file.startswith(("statement", "document", "demand", "reconciliation")) for file in answer.files)
    assert not any(file.endswith(("docx", "pdf")) for file in answer.files)
    assert bool(ids_in(answer)) == (name not in ("case", "data"))
    assert "Step by step" in answer.text  # the loan of the address


def test_the_files_of_loans_need_an_analyst(answers):
    assert any(name.startswith("overdue-loans") for name in answers("analyst", "today").files)
    assert not any(name.startswith("overdue-loans") for name in answers("viewer", "today").files)


def pages_seen(answer):
    """Titles of the navigation."""
    texts = json.dumps(answer.document)
    return {name for name in pages.names() if f'"name", "{name}"' in texts}


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_has_what_the_role_may_see_and_nothing_else(answers, role):
    mine = {name for name, needed in pages.names().items() if [*ROLES].index(needed) <= [*ROLES].index(role)}
    assert pages_seen(answers(role, "data")) == mine


@pytest.mark.parametrize("name", pages.names())
def test_a_page_above_the_role_says_so_and_the_others_do_not(answers, name):
    refused = "Not for your role" in json.dumps(answers("viewer", name).document)
    needs = pages.names()[name]
    assert refused == (needs != "viewer" or name in ("today", "agencies"))


def test_only_an_admin_gets_the_page_data(answers):
    for role in ROLES:
        assert ("Drop files here" in answers(role, "data").text) == (role == "admin")


def test_a_script_in_the_browser_of_a_viewer_gets_no_loan(address, cookies):
    """Every control of the shell is set as a script could: page, loan number, the way back of the browser."""

    def act(models):
        for model in models:
            data = data_of(model)
            inner = model.get("attributes", {}).get("data", {}).get("id")
            if "items" in data:
                yield inner, "value", "case"
            if "search" in data:
                yield inner, "asked", f"?portfolio=guarded&page=case&case={CASE}"
                yield inner, "asked", f"?portfolio=guarded&page=today&loan={CASE}"
            if data.get("label") == "Loan number":
                yield inner, "value", CASE

    query = "?portfolio=guarded&page=today"
    answer = opened(address, query, cookie=cookies["viewer"], act=act, quiet=2)
    assert ids_in(answer) == set()
    assert "Step by step" not in answer.text
    told = opened(address, query, cookie=cookies["analyst"], act=act, until="Step by step")
    assert "Step by step" in told.text  # the script does what it should


# Coming in.


@pytest.mark.parametrize("path", ["", "?page=case&case=L0003", "autoload.js?bokeh-autoload-element=x", "metadata"])
@pytest.mark.parametrize("cookie", [None, "2|1:0|10:1795600727|10:collectkit|4:YWRtaW4=|00", "admin"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_without_a_signed_cookie_nothing_is_served(address, path, cookie):
    answer = fetch(address + path, cookie=cookie)
    assert answer.code == 302
    assert "login" in answer.headers["Location"]
    assert not answer.body
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "YQ==",
        "Sec-WebSocket-Version": "13",
    }
    assert fetch(f"{address}ws", cookie=cookie, headers={**upgrade, "Origin": address.rstrip("/")}).code == 403


def test_another_site_gets_no_websocket_and_cannot_send_the_form(address, cookies):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "YQ==",
        "Sec-WebSocket-Version": "13",
    }
    foreign = {"Origin": "https://elsewhere.example"}
    assert fetch(f"{address}ws", cookie=cookies["admin"], headers={**upgrade, **foreign}).code == 403
    assert sign_in(address, "a-admin", PASSWORD, **foreign)[0].code == 403


def test_the_cookie_is_hidden_from_scripts_and_the_form_from_frames(address):
    answer, cookie = sign_in(address, "a-viewer", PASSWORD)
    text = answer.headers["Set-Cookie"]
    assert answer.code == 303
    assert answer.headers["Location"] == "/?page=today"
    assert cookie
    assert "HttpOnly" in text
    assert "SameSite=Lax" in text
    form = fetch(f"{address}login?next=//elsewhere.example")
    assert 'value="/"' in form.body.decode()
    assert "frame-ancestors 'none'" in form.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("language", "word"), [("en", "Password"), ("zh", "密码")])
def test_the_form_speaks_the_language_of_the_address(address, language, word):
    assert word in fetch(f"{address}login?next=/%3Flang%3D{language}").body.decode()


def test_signing_out_ends_the_cookie_and_every_copy_of_it(address):
    _, cookie = sign_in(address, "a-viewer", PASSWORD)
    assert fetch(address, cookie=cookie).code == 200
    fetch(f"{address}logout", cookie=cookie)
    assert fetch(address, cookie=cookie).code == 302


def test_wrong_passwords_are_slowed_down_by_name_and_a_right_one_does_not_help_then(address, folder):
    codes = [sign_in(address, "a-manager", "not the password")[0].code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    answer, cookie = sign_in(address, "a-manager", PASSWORD)
    assert (answer.code, cookie) == (429, None)
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert sign_in(address, "a-viewer", PASSWORD)[0].code == 303


def test_the_audit_log_tells_who_did_what_and_nothing_about_borrowers(address, answers, folder):
    answers("manager", "case")
    sign_in(address, f"{PASSWORD} typed into the wrong field", "x")
    text = (folder / "audit.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    events = {(line["event"], line["user"]) for line in lines}
    assert {("sign-in", "a-manager"), ("loan", "a-manager"), ("personal data", "a-manager")} <= events
    assert ("sign-in refused", "?") in events
    assert any(line["event"] == "download" and line["file"].endswith("docx") for line in lines)
    assert not any(line["user"] == "a-viewer" and line["event"] in ("loan", "personal data") for line in lines)
    assert PASSWORD not in text
    assert NOTED not in text
    assert stat.S_IMODE((folder / "audit.log").stat().st_mode) == 0o600


# Without a server.


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An access control of its own with one analyst, who is signed in."""
    monkeypatch.setenv(SECRET, "another secret that is only used in tests")
    passwords.write_users(passwords.with_user({}, "li", "analyst", PASSWORD), tmp_path / "users.toml")
    (tmp_path / "access.toml").write_text('users = "users.toml"\nsession_hours = 1\n')
    door, _ = load_access(tmp_path / "access.toml")
    cookie = door.sign_in("li", PASSWORD)
    return SimpleNamespace(door=door, cookie=cookie, reader=SignedIn(door, cookie), file=tmp_path / "users.toml")


def test_a_role_that_is_changed_or_taken_away_counts_at_once(own):
    assert own.reader.role == "analyst"
    user = passwords.read_users(own.file)["li"]
    passwords.write_users({"li": user.model_copy(update={"role": "viewer"})}, own.file)
    assert own.reader.role == "viewer"
    passwords.write_users({}, own.file)
    assert (own.reader.role, own.reader.may("viewer")) == ("", False)


def test_a_new_password_ends_old_sign_ins(own):
    passwords.write_users(passwords.with_user({}, "li", "analyst", "another four words"), own.file)
    assert own.reader.role == ""
    assert own.door.sign_in("li", PASSWORD) is None
    assert own.door.sign_in("li", "another four words")


def test_a_sign_in_ends_after_its_hours(own, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600 - 5)
    assert own.reader.role == "analyst"
    monkeypatch.setattr(time, "time", lambda: now + 3600 + 5)
    assert own.reader.role == ""


def test_a_password_file_that_is_gone_lets_nobody_in(own):
    own.file.unlink()
    assert own.reader.role == ""
    assert own.door.sign_in("li", PASSWORD) is None


def test_a_cookie_of_another_server_is_nobody(own, monkeypatch):
    own.door.secret = own.door.secret[::-1]
    assert own.door.name_of(own.cookie) == ""


def test_an_open_page_is_emptied_when_the_sign_in_ends(own):
    from dashboards.shell import Shell

    shell = Shell(Session(pages.names(), {"page": "today"}, own.reader))
    assert shell.session.look_again()
    own.door.sign_out(own.cookie)
    assert not shell.session.look_again()
    assert "You are signed out" in shell.content.objects[0].object
    assert shell._links() == []


def test_passwords_are_kept_as_scrypt_of_rfc_7914_with_their_own_salt():
    # RFC 7914, section 12, third vector, by the library; ours are salted and differ each time
    import hashlib

    vector = hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, maxmem=2**26)
    assert vector.hex().startswith("7023bdcb3afd7348461c06cd81fd38eb")
    one, two = passwords.hashed("pleaseletmein"), passwords.hashed("pleaseletmein")
    assert one != two
    assert passwords.is_right("pleaseletmein", one)
    assert not passwords.is_right("pleaseletmeIn", one)
    assert "pleaseletmein" not in one


@pytest.mark.parametrize("password", ["short", "collectkitcollectkit", "x" * 2000])
def test_passwords_that_are_easy_to_guess_are_refused(password):
    with pytest.raises(CallError):
        passwords.with_user({}, "li", "viewer", password)


@pytest.mark.parametrize("name", ["", "li|admin", "a b", "李", "x" * 65, "li\n"])
def test_names_that_could_be_taken_for_something_else_are_refused(name):
    with pytest.raises(CallError):
        passwords.with_user({}, name, "viewer", PASSWORD)


def test_the_command_adds_lists_and_removes_users_and_never_takes_a_password(tmp_path, monkeypatch, capsys):
    file, typed = tmp_path / "users.toml", iter([PASSWORD, PASSWORD, PASSWORD, "something else"])
    monkeypatch.setattr(users, "getpass", lambda _: next(typed))
    assert users.main([str(file), "add", "li", "--role", "manager"]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert users.main([str(file), "add", "wang", "--role", "viewer"]) == 2
    assert users.main([str(file), "list"]) == 0
    assert "li\tmanager\n" in capsys.readouterr().out
    assert users.main([str(file), "remove", "wang"]) == 2
    assert users.main([str(file), "remove", "li"]) == 0
    assert passwords.read_users(file) == {}
    with pytest.raises(SystemExit):
        users.main([str(file), "add", "li", "--role", "manager", "--password", PASSWORD])


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_another_address_without_access_control_is_refused_with_why(address, capsys):
    assert command.main(["--address", address]) == 2
    assert "--access" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('users = "nobody.toml"', CallError),
        ('users = "users.toml"\nsession_hours = 0', PolicyError),
        ('users = "users.toml"\norigins = ["*"]', PolicyError),
        ('users = "users.toml"\nhtttps = false', PolicyError),
        ("users =", CallError),
    ],
)
def test_an_access_file_that_will_not_do_is_refused(tmp_path, text, error, capsys):
    passwords.write_users({}, tmp_path / "users.toml")
    (tmp_path / "access.toml").write_text(text)
    with pytest.raises(error):
        load_access(tmp_path / "access.toml")
    assert command.main(["--access", str(tmp_path / "access.toml")]) == 2
    assert capsys.readouterr().err


def test_a_missing_secret_is_made_and_told_and_a_short_one_refused(own, monkeypatch):
    file = own.file.parent / "access.toml"
    monkeypatch.setenv(SECRET, "short")
    with pytest.raises(CallError, match="openssl"):
        load_access(file)
    monkeypatch.delenv(SECRET)
    (one, told), (two, _) = load_access(file), load_access(file)
    assert SECRET in told[0]
    assert one.secret != two.secret


def test_the_cookie_goes_over_tls_only_unless_the_file_says_otherwise(own):
    assert own.door.settings.https
    assert access.Settings.model_validate({"users": "x", "https": False}).https is False


# Rights and attempts.


def test_a_table_is_guarded_by_its_columns():
    class Of(Reader):
        def __init__(self, role):
            self.role = role

    loans = pd.DataFrame({"loan_id": ["A"], "customer_name": ["N"], "phone": ["1"], "amount": [1.0]})
    contacts = pd.DataFrame({"contacted_at": [pd.Timestamp(DAY)], "note": [NOTED]})
    rules = pd.DataFrame({"rule": ["R"], "note": ["of the rule"]})
    assert seen(loans, Of("viewer")) is None
    assert [*seen(loans, Of("analyst"))] == ["loan_id", "amount"]
    assert [*seen(loans, Of("manager"))] == [*loans]
    assert [*seen(contacts, Of("analyst"))] == ["contacted_at"]
    assert [*seen(rules, Of("viewer"))] == ["rule", "note"]
    assert seen(rules, Of("")) is None


def test_each_role_may_do_what_the_one_before_may():
    names = [*ROLES]
    for place, role in enumerate(names):
        reader = Reader()
        reader.role = role
        assert [reader.may(needed) for needed in names] == [number <= place for number in range(len(names))]
    assert rights.NOBODY == ""


def test_attempts_count_until_they_are_too_old_and_a_right_one_is_forgiven():
    now = [0.0]
    throttle = Throttle(60, lambda: now[0])
    for second in range(3):
        now[0] = second
        assert throttle.attempt({"li": 3}) == 0
    assert throttle.attempt({"li": 3, "wang": 3}) == 58  # the first was 2 seconds ago
    throttle.forgive({"li": 3})
    assert throttle.attempt({"li": 3}) == 0
    now[0] = 59.9
    assert throttle.attempt({"li": 3}) > 0
    now[0] = 60
    assert throttle.attempt({"li": 3}) == 0
    assert throttle.attempt({"wang": 1}) == 0  # the refused attempt did not count


def test_a_line_of_the_audit_log_stays_one_line(tmp_path):
    audit.keep(tmp_path / "audit.log")
    audit.note("loan", "li", loan='x"\n{"event": "sign-in"}')
    logging.getLogger("dashboards.audit").handlers[0].flush()
    (line,) = (tmp_path / "audit.log").read_text().splitlines()
    assert json.loads(line)["loan"] == 'x"\n{"event": "sign-in"}'


# The way out, and the page Policy.


def test_the_way_out_stands_in_the_menu_of_small_screens_too():
    class Ada(Reader):
        name = "ada"

    from dashboards.shell import Shell

    shell = Shell(Session(pages.names(), {"page": "help", "lang": "en"}, Ada()))
    assert shell.navigation.leave == {"label": "Sign out (ada)", "href": "logout"}
    assert Shell(Session(pages.names(), {"page": "help"})).navigation.leave == {}


def test_everybody_gets_the_policy_with_its_file(answers):
    answer = answers("viewer", "policy")
    assert "Try other values" in answer.text
    assert any(name.startswith("policy-values") for name in answer.files)
