"""Words, numbers and dates in the reader's language.

The catalogues are read as they are written (``locale/<language>/LC_MESSAGES/dashboards.po``), so nothing
compiled is committed. The English text is the key. `Words.text` and `Words.plural` look a message up where
it is shown, `N_` marks one that is kept in a constant and looked up later. All take a plain string, never one
inside an f-string: Babel does not find it there.

After a change of words: ``python -m dashboards.catalogues`` adds new messages to both catalogues; a test
fails until each has its translation.
"""

from __future__ import annotations

import math
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date

LANGUAGES = {"en": "English", "zh": "中文"}
"""Every language with its own name."""

LOCALE_FOLDER = Path(__file__).parent / "locale"
_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
_SHORTENED_FROM = {"en": 1_000, "zh": 10_000}
_CURRENCY_SIGNS = {("zh", "CNY"): "元"}


def N_(message: str) -> str:
    """Mark a message of a constant for the catalogues; it is looked up where it is shown."""
    return message


def safe(value: object) -> str:
    """Text that can stand in markup: a datum never becomes HTML.

    Examples
    --------
    >>> safe("<img src=x onerror=alert(1)>")
    '&lt;img src=x onerror=alert(1)&gt;'
    """
    return escape(str(value))


@cache
def read_catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Messages of one language: English text to its forms (one form, or singular and plural)."""
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / "dashboards.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=_LOCALES[language])
    messages = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            messages[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return messages


class Words:
    """One language: its catalogue and the way it writes numbers, money and dates.

    Examples
    --------
    >>> Words("zh").short(124_000), Words("en").short(124_000)
    ('12.4万', '124K')
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(_LOCALES[language])
        self._messages = read_catalogue(language)

    def text(self, message: str, **values: object) -> str:
        """Message in this language, its ``{names}`` filled in."""
        return self._form(message, 0).format(**values) if values else self._form(message, 0)

    def plural(self, singular: str, plural: str, count: int, **values: object) -> str:
        """Message for a count; ``{count}`` is written with thousands marks."""
        first = self.locale.plural_form(count) == "one"
        forms = self._messages.get(singular) or (singular, plural)
        form = forms[0 if first else -1]
        return form.format(count=self.number(count), **values)

    def number(self, value: float) -> str:
        """Whole number with thousands marks."""
        return str(format_decimal(value, "#,##0", locale=self.locale))

    def money(self, value: float) -> str:
        """Amount to the cent with thousands marks, without its currency."""
        return str(format_decimal(value, "#,##0.00", locale=self.locale))

    def short(self, value: float) -> str:
        """Number shortened to three digits: 12.4万 or 124K; one that needs no shortening is written out."""
        if abs(value) < _SHORTENED_FROM[self.language]:
            return str(format_decimal(value, "#,##0.##", locale=self.locale))
        return str(format_compact_decimal(float(f"{value:.3g}"), locale=self.locale, fraction_digits=2))

    def percent(self, value: float) -> str:
        """Fraction as a percentage with two decimals; a dash if there is none."""
        if math.isnan(value):
            return "–"
        return str(format_percent(value, "#,##0.00%", locale=self.locale))

    def points(self, value: float) -> str:
        """Difference of two fractions in percentage points with its sign; a dash if there is none."""
        if math.isnan(value):
            return "–"
        return self.text("{points} points", points=str(format_decimal(100 * value, "+0.00;−0.00", locale=self.locale)))

    def signed(self, value: float) -> str:
        """Difference of two numbers, shortened, with its sign."""
        return ("+" if value > 0 else "−" if value < 0 else "") + self.short(abs(value))

    def date(self, day: date) -> str:
        """Day in full, the month in letters or characters."""
        return str(format_date(day, "long", locale=self.locale))

    def month(self, day: date) -> str:
        """Month of a day, short: Mar 2025, 2025年3月."""
        return str(format_skeleton("yMMM", day, locale=self.locale))

    def currency(self, code: str) -> str:
        """Unit of money as the language writes it: 元, CNY."""
        return _CURRENCY_SIGNS.get((self.language, code), code)

    def _form(self, message: str, which: int) -> str:
        """One form of a message; one that is not in the catalogue is its own text."""
        return self._messages.get(message, (message,))[which]


@cache
def words_in(language: str) -> Words:
    """The words of one language, read once per process."""
    return Words(language)
