"""collectkit: how late each loan is, what penalty it owes, which bucket it sits in, what an agency has earned.

``import collectkit as ck``; every name below is loaded when it is first used, so that importing stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collectkit.agencies import commission_earned as commission_earned
    from collectkit.agencies import commission_totals as commission_totals
    from collectkit.commission import agency_commission as agency_commission
    from collectkit.days import month_ends as month_ends
    from collectkit.delinquency import asset_class as asset_class
    from collectkit.delinquency import bucket as bucket
    from collectkit.delinquency import days_past_due as days_past_due
    from collectkit.errors import CallError as CallError
    from collectkit.errors import CollectkitError as CollectkitError
    from collectkit.errors import PolicyError as PolicyError
    from collectkit.errors import PortfolioError as PortfolioError
    from collectkit.explain import explain as explain
    from collectkit.ledger import allocate as allocate
    from collectkit.ledger import assess as assess
    from collectkit.ledger import track as track
    from collectkit.overview import bucket_totals as bucket_totals
    from collectkit.overview import loan_timeline as loan_timeline
    from collectkit.overview import overview as overview
    from collectkit.penalty import penalty_interest as penalty_interest
    from collectkit.policy import Policy as Policy
    from collectkit.policy import list_policies as list_policies
    from collectkit.policy import load_policy as load_policy
    from collectkit.portfolio import Portfolio as Portfolio
    from collectkit.samples import list_samples as list_samples
    from collectkit.samples import load_sample as load_sample
    from collectkit.simulation import simulate_portfolio as simulate_portfolio

_HOME = {
    "agencies": ["commission_earned", "commission_totals"],
    "commission": ["agency_commission"],
    "days": ["month_ends"],
    "delinquency": ["asset_class", "bucket", "days_past_due"],
    "errors": ["CallError", "CollectkitError", "PolicyError", "PortfolioError"],
    "explain": ["explain"],
    "ledger": ["allocate", "assess", "track"],
    "overview": ["bucket_totals", "loan_timeline", "overview"],
    "penalty": ["penalty_interest"],
    "policy": ["Policy", "list_policies", "load_policy"],
    "portfolio": ["Portfolio"],
    "samples": ["list_samples", "load_sample"],
    "simulation": ["simulate_portfolio"],
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(f"collectkit.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value
    if name in ("charts", "columns"):
        return import_module(f"collectkit.{name}")
    raise AttributeError(f"module 'collectkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
