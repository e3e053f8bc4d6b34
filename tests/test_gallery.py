"""The gallery shows every page there is, and its pictures stay small."""

from __future__ import annotations

import re

from docs import gallery

ROOM_FOR_ONE, ROOM_FOR_ALL = 150_000, 3_000_000


def test_the_gallery_shows_every_page_with_pictures_that_are_there_and_small():
    text = (gallery.FOLDER / "gallery.md").read_text(encoding="utf-8")
    assert text == gallery.listing()  # else: make gallery
    shown = {gallery.FOLDER / name for name in re.findall(r'src="([^"]+)"', text)}
    assert shown == set((gallery.FOLDER / "screenshots").glob("*.png"))
    sizes = [picture.stat().st_size for picture in shown]
    assert max(sizes) < ROOM_FOR_ONE
    assert sum(sizes) < ROOM_FOR_ALL
