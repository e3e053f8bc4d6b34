"""One door for every portfolio: a sample, the book of a workspace, files, or a database."""

from __future__ import annotations

import hashlib
from pathlib import Path

from collectkit.errors import CallError
from collectkit.files import Source
from collectkit.mapping import Mapping
from collectkit.portfolio import Portfolio
from collectkit.register import Workspace
from collectkit.samples import list_samples, load_sample
from collectkit.sources import read_portfolio


def load_portfolio(source: Source = "demo", *, mapping: Source | Mapping | None = None) -> Portfolio:
    """A portfolio by what a person would call it; personal data are masked.

    Parameters
    ----------
    source : str or Path
        The folder of a workspace, a folder or file or URL as `read_portfolio` reads them, or else the name of a sample.
    mapping : Mapping or path, optional
        For files and databases with other names than ours.

    Returns
    -------
    Portfolio

    Raises
    ------
    PortfolioError
        Some rows are wrong.
    CallError
        There is nothing of that name, or it cannot be read.

    Examples
    --------
    >>> len(load_portfolio("demo").loans)
    3000
    """
    path = Path(source)
    if is_workspace(source):
        return Workspace(path).portfolio()
    samples = list_samples()["name"].tolist()
    if str(source) not in samples or path.exists():
        return read_portfolio(source, mapping=mapping)
    sample = load_sample(str(source))
    if not isinstance(sample, Portfolio):
        raise CallError(f"Sample {source} is one table, not a portfolio. Use `load_sample`.")
    return sample


def state_of(source: Source) -> str:
    """What changes when a source changes: eight hex digits; empty for a sample or a database, where it cannot be seen.

    Notes
    -----
    Of files it is made from names, sizes and times of change, of a workspace from its last import: nothing is read.

    Examples
    --------
    >>> state_of("demo"), len(state_of(Path(__file__).parent))
    ('', 8)
    """
    path = Path(source)
    if is_workspace(path):
        path = path / "current.json"
    if "://" in str(source) or not path.exists():
        return ""
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    seen = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:8]


def is_workspace(source: Source) -> bool:
    """True for a folder that files are imported into.

    Examples
    --------
    >>> is_workspace("demo")
    False
    """
    return (Path(source) / "current.json").is_file()
