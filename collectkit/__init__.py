"""collectkit: how late each loan is, what penalty it owes, which bucket it sits in, what an agency has earned.

``import collectkit as ck``. Charts live in `collectkit.charts`, which loads plotly when it is first imported.
"""

from collectkit import agencies, casework, distributed, scenarios, tracking
from collectkit.commission import agency_commission
from collectkit.costs import read_costs
from collectkit.days import month_ends
from collectkit.delinquency import asset_class, bucket, days_past_due
from collectkit.errors import CallError, CollectkitError, PolicyError, PortfolioError
from collectkit.explain import explain
from collectkit.ledger import allocate, assess, reassess, track
from collectkit.loading import load_portfolio
from collectkit.overview import bucket_totals, loan_timeline, overdue_loans, overview, reporting_month
from collectkit.penalty import penalty_interest
from collectkit.policy import Policy, list_policies, load_policy
from collectkit.policy_difference import policy_difference
from collectkit.policy_effect import policy_effect
from collectkit.policy_values import changed_policy, policy_toml, policy_values
from collectkit.portfolio import Portfolio
from collectkit.samples import list_samples, load_sample
from collectkit.simulation import simulate_portfolio
from collectkit.sources import read_portfolio
from collectkit.stated import differences_by_reading, stated_differences

__version__ = "0.1.0"

__all__ = [
    "CallError",
    "CollectkitError",
    "Policy",
    "PolicyError",
    "Portfolio",
    "PortfolioError",
    "agencies",
    "agency_commission",
    "allocate",
    "assess",
    "asset_class",
    "bucket",
    "bucket_totals",
    "casework",
    "changed_policy",
    "days_past_due",
    "differences_by_reading",
    "distributed",
    "explain",
    "list_policies",
    "list_samples",
    "load_policy",
    "load_portfolio",
    "load_sample",
    "loan_timeline",
    "month_ends",
    "overdue_loans",
    "overview",
    "penalty_interest",
    "policy_difference",
    "policy_effect",
    "policy_toml",
    "policy_values",
    "read_costs",
    "read_portfolio",
    "reassess",
    "reporting_month",
    "scenarios",
    "simulate_portfolio",
    "stated_differences",
    "track",
    "tracking",
]
