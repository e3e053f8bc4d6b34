"""Do the 90% intervals hold the truth nine times in ten? ``python -m benchmarks.coverage --portfolios 500``.

Portfolios with known strength (`tests.known_strength`), each compared once: how often the interval of
`fair_comparison` holds the true gap of each agency, how often it finds the true ranking and how often raw figures do,
and how often the interval of `compare` on `scenario_from` holds the difference the true rates give.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from collectkit.scenarios.compare import compare
from collectkit.scenarios.fair import fair_comparison
from tests import known_strength as known

RANKING = ["Strong", "in_house", "Weak"]


def one(seed: int) -> dict[str, bool]:
    """What one portfolio shows."""
    book, rules = known.known_portfolio(seed), known.policy()
    fair = fair_comparison(
        book, rules, as_of=known.AS_OF, by=["product"], months=1, horizon_months=3, draws=400, seed=seed
    )
    table, weight = fair.channels, fair.strata.groupby("product")["weight"].first()
    truth = {name: sum(weight[p] * known.liquidation(p, name) for p in weight.index) for name in table.index}
    seen = {
        f"gap of {name}": bool(
            table.loc[name, "gap_low"] <= truth[name] - truth["in_house"] <= table.loc[name, "gap_high"]
        )
        for name in ("Strong", "Weak")
    }
    seen["fair ranking is true"] = list(table.index) == RANKING
    seen["raw ranking is true"] = list(table.sort_values("raw_rank").index) == RANKING
    own = known.own_scenario(known.known_portfolio(100_000 + seed, bias=known.EVEN))
    row = compare(own, ["all_outsourced"], draws=400, seed=seed).loc["all_outsourced"]
    true = compare(known.true_scenario(own), ["all_outsourced"], draws=1).loc["all_outsourced", "difference"]
    return seen | {"difference of strategies": bool(row["difference_low"] <= true <= row["difference_high"])}


def main() -> None:
    """Run all portfolios and print the shares."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--portfolios", type=int, default=500)
    parser.add_argument("--save", type=Path, help="write the shares as JSON to this file")
    given = parser.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seen = list(pool.map(one, range(given.portfolios), chunksize=5))
    shares = {name: sum(row[name] for row in seen) / len(seen) for name in seen[0]}
    for name, share in shares.items():
        print(f"{name:28} {share:6.1%} of {len(seen)} portfolios")
    if given.save:
        given.save.write_text(
            json.dumps({"portfolios": len(seen), "shares": shares}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
