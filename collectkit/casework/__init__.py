"""Casework: what to do today, within the rules; a person decides."""

from collectkit.casework._facts import Sender
from collectkit.casework.audit import audit_sample, complaint_rates, record_quality
from collectkit.casework.batch import write_batch
from collectkit.casework.calendar import case_calendar
from collectkit.casework.conduct import check_contacts, deletion_date, rules_checked
from collectkit.casework.contact_tables import channel_totals, reason_totals
from collectkit.casework.gaps import data_gaps
from collectkit.casework.legal import legal_candidates
from collectkit.casework.letters import KINDS, Document, document
from collectkit.casework.lint import lint
from collectkit.casework.names import with_houses, worded
from collectkit.casework.node_tables import node_blocks, node_totals, node_weeks
from collectkit.casework.nodes import node_load, node_steps
from collectkit.casework.performance import collector_results, like_cases
from collectkit.casework.plans import Plan, propose_plan
from collectkit.casework.views import (
    breaches_by_month,
    collector_totals,
    complaint_totals,
    complaints_between,
    contacts_between,
    contacts_of,
    narrowed,
    promises_due,
    record_totals,
    worklist_totals,
)
from collectkit.casework.warning import early_warning
from collectkit.casework.worklist import worklist
from collectkit.promises import promise_status

__all__ = [
    "KINDS",
    "Document",
    "Plan",
    "Sender",
    "audit_sample",
    "breaches_by_month",
    "case_calendar",
    "channel_totals",
    "check_contacts",
    "collector_results",
    "collector_totals",
    "complaint_rates",
    "complaint_totals",
    "complaints_between",
    "contacts_between",
    "contacts_of",
    "data_gaps",
    "deletion_date",
    "document",
    "early_warning",
    "legal_candidates",
    "like_cases",
    "lint",
    "narrowed",
    "node_blocks",
    "node_load",
    "node_steps",
    "node_totals",
    "node_weeks",
    "promise_status",
    "promises_due",
    "propose_plan",
    "reason_totals",
    "record_quality",
    "record_totals",
    "rules_checked",
    "with_houses",
    "worded",
    "worklist",
    "worklist_totals",
    "write_batch",
]
