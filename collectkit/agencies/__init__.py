"""Agencies: what they are given, which money earns them commission, how much, and who does best."""

from collectkit.agencies.agency_file import read_agency_file
from collectkit.agencies.attribution import attribution
from collectkit.agencies.due_diligence import due_diligence_form
from collectkit.agencies.earned import commission_by_tariff, commission_earned, commission_totals
from collectkit.agencies.exports import statement_cash, statement_csv, statement_page, statement_workbook
from collectkit.agencies.handed_over import hand_overs, placement_file, register_hand_over
from collectkit.agencies.liquidation import liquidation
from collectkit.agencies.proposals import hand_over_proposals
from collectkit.agencies.reconciliation import reconcile, reconciliation_totals
from collectkit.agencies.scorecard import relative_score, scorecard
from collectkit.agencies.settlement import Settlement, settlement
from collectkit.agencies.statement import Statement, commission_statement
from collectkit.agencies.strata import like_strata
from collectkit.agencies.waiting import fee_curve, fee_steps, waiting_cost
from collectkit.agencies.words import in_words

__all__ = [
    "Settlement",
    "Statement",
    "attribution",
    "commission_by_tariff",
    "commission_earned",
    "commission_statement",
    "commission_totals",
    "due_diligence_form",
    "fee_curve",
    "fee_steps",
    "hand_over_proposals",
    "hand_overs",
    "in_words",
    "like_strata",
    "liquidation",
    "placement_file",
    "read_agency_file",
    "reconcile",
    "reconciliation_totals",
    "register_hand_over",
    "relative_score",
    "scorecard",
    "settlement",
    "statement_cash",
    "statement_csv",
    "statement_page",
    "statement_workbook",
    "waiting_cost",
]
