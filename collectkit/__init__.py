"""collectkit: how late each loan is, what penalty it owes, which bucket it sits in, what an agency has earned.

``import collectkit as ck``. Charts live in `collectkit.charts`, which loads plotly when it is first imported.
"""

from collectkit.agencies import commission_by_tariff, commission_earned, commission_totals
from collectkit.commission import agency_commission
from collectkit.days import month_ends
from collectkit.delinquency import asset_class, bucket, days_past_due
from collectkit.errors import CallError, CollectkitError, PolicyError, PortfolioError
from collectkit.explain import explain
from collectkit.ledger import allocate, assess, track
from collectkit.overview import bucket_totals, loan_timeline, overdue_loans, overview
from collectkit.penalty import penalty_interest
from collectkit.policy import Policy, list_policies, load_policy
from collectkit.portfolio import Portfolio
from collectkit.samples import list_samples, load_sample
from collectkit.simulation import simulate_portfolio
from collectkit.sources import read_portfolio

__version__ = "0.1.0"

__all__ = [
    "CallError",
    "CollectkitError",
    "Policy",
    "PolicyError",
    "Portfolio",
    "PortfolioError",
    "agency_commission",
    "allocate",
    "assess",
    "asset_class",
    "bucket",
    "bucket_totals",
    "commission_by_tariff",
    "commission_earned",
    "commission_totals",
    "days_past_due",
    "explain",
    "list_policies",
    "list_samples",
    "load_policy",
    "load_sample",
    "loan_timeline",
    "month_ends",
    "overdue_loans",
    "overview",
    "penalty_interest",
    "read_portfolio",
    "simulate_portfolio",
    "track",
]
