"""Agencies: what outside collectors earned."""

from collectkit.agencies.earned import commission_by_tariff, commission_earned, commission_totals

__all__ = ["commission_by_tariff", "commission_earned", "commission_totals"]
