"""Tests; a package of its own, since an installed library brings one of the same name."""
