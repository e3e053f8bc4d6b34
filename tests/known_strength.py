"""What is true of `collectkit.scenarios.planted_bias`, worked out from its chances alone."""

from __future__ import annotations

import collectkit as ck
from collectkit.rules import checked
from collectkit.scenarios.estimate import scenario_from
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.planted import EASE, PART, STRENGTH, planted_bias
from tests.scenario_books import product, small

AS_OF = "2025-07-31"


def monthly_rate(product, channel):
    """Expected cash of a month ÷ balance."""
    return EASE[product] * STRENGTH[channel] * PART


def liquidation(product, channel, months=3):
    """Expected cash of some months ÷ balance at the start."""
    return 1 - (1 - monthly_rate(product, channel)) ** months


def known_portfolio(seed, **changes):
    """The portfolio of a seed."""
    return planted_bias(seed=seed, **changes)


def policy():
    """No penalty, so that all cash goes to the balance."""
    return ck.load_policy("plain").replacing(penalty={"daily_rate": "0"})


EVEN = {product: {"in_house": 0.5, "Strong": 0.5} for product in EASE}
"""Who gets which cases, without bias."""


def own_scenario(portfolio):
    """100 cases of 1 000 of each product, 91 days past due, for three months; the rates come from the portfolio."""
    found = scenario_from(portfolio, policy(), as_of=AS_OF, months=3, assumptions=small(roll=1.0, horizon_months=3))
    data = found.model_dump(mode="json")
    data["products"] = [product(name, cases=(0, 0, 0, 100)) for name in EASE]
    data["roll_rate"] = small(roll=1.0).model_dump(mode="json")["roll_rate"]
    return checked(Scenario, data, "a test")


def true_scenario(scenario):
    """The same with the true rates."""
    data = scenario.model_dump(mode="json")
    for treatment in data["treatments"]:
        channel = {"in_house": "in_house", "agency": "Strong"}.get(treatment["channel"])
        if channel:
            rate = monthly_rate(treatment["product"], channel)
            for curve, value in (("cash_rate", rate), ("cure_rate", 0.0)):
                treatment[curve] |= {"by_bucket": dict.fromkeys(treatment[curve]["by_bucket"], value), "estimated": []}
    return checked(Scenario, data, "a test")
