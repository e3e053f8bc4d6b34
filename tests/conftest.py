"""How the tests run: how many examples the properties try, and that CI repeats itself."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("deep", deadline=None, max_examples=500)  # pytest --hypothesis-profile=deep
settings.register_profile("full", deadline=None, max_examples=30)
settings.register_profile("fast", deadline=None, max_examples=15)
settings.register_profile("ci", settings.get_profile("full"), derandomize=True, print_blob=True)
settings.load_profile("fast" if os.environ.get("FAST") else "ci" if os.environ.get("CI") else "full")
