"""Bring the catalogues up to date with the code: ``python -m dashboards.catalogues``.

New messages are added with an empty translation, ones no longer used are dropped, translations are kept.
English needs no translation: its text is filled in from the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dashboards.words import LANGUAGES, LOCALE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_FOLDER = Path(__file__).parent
_KEYWORDS = {"text": None, "plural": (1, 2), "N_": None}

_HEADER = """# Words of the pages; the English text is the key. New ones: python -m dashboards.catalogues
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Message = str | tuple[str, ...]


def messages_in_code() -> dict[Message, list[tuple[str, int]]]:
    """Every message the code shows, with the files that show it."""
    found: dict[Message, list[tuple[str, int]]] = {}
    for name, _, message, _, _ in _extracted():
        found.setdefault(message, []).append((Path(name).as_posix(), 0))
    return found


def update(language: str) -> Path:
    """Write one catalogue anew from the code, keeping its translations."""
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / "dashboards.po"
    catalogue = Catalog(locale=language, project="collectkit", charset="utf-8", fuzzy=False)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    template = Catalog(project="collectkit", charset="utf-8", fuzzy=False)
    for message, places in sorted(messages_in_code().items(), key=str):
        template.add(message, locations=[(name, None) for name in sorted({name for name, _ in places})])
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if language == "en":
        for entry in catalogue:
            if entry.id:
                entry.string = entry.id
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(_HEADER.format(language=language).encode())
        write_po(file, catalogue, width=110, sort_output=True, omit_header=True)
    return path


def _extracted() -> Iterator[tuple[str, int, Message, list[str], str | None]]:
    """Messages with their place, as Babel finds them."""
    return extract_from_dir(str(CODE_FOLDER), [("**.py", "python")], {}, keywords=_KEYWORDS)


if __name__ == "__main__":
    for _language in LANGUAGES:
        update(_language)
