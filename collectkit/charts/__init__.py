"""Table in, plotly figure out.

Every figure names its axes with their units, in English or Chinese, and comes in a light and a dark theme on
a transparent ground. Buckets have one sequential palette that stays readable for colour-blind eyes; red is
kept for breaches. Plotly is imported when the first figure is made.

Examples
--------
>>> import pandas as pd
>>> table = pd.DataFrame({"loans": [90, 4, 1]}, index=pd.Index(["M0", "M1", "M2"], name="bucket"))
>>> figure = bucket_bars(table, weight="loans")
>>> list(figure.data[0].x), list(figure.data[0].y)
(['M1', 'M2'], [4, 1])
"""

from collectkit.charts.agencies import agency_intervals, fee_curves, liquidation_curves
from collectkit.charts.casework import breach_bars, case_calendar, like_cases, node_bars, plan_effect
from collectkit.charts.comparison import bucket_comparison, change_waterfall, roll_comparison
from collectkit.charts.cure import cure_curve
from collectkit.charts.figures import bucket_bars, loan_timeline
from collectkit.charts.look import bucket_colours, plotly_config, short_number
from collectkit.charts.penalty import balance_nights
from collectkit.charts.rates import entry_rate_line, recovery_curves
from collectkit.charts.scenarios import hand_over_curve, strategy_intervals, sweep_heatmap, tornado, waterfall
from collectkit.charts.tracking import (
    bucket_mix_area,
    flow_rate_lines,
    par_lines,
    transition_heatmap,
    vintage_curves,
)

__all__ = [
    "agency_intervals",
    "balance_nights",
    "breach_bars",
    "bucket_bars",
    "bucket_colours",
    "bucket_comparison",
    "bucket_mix_area",
    "case_calendar",
    "change_waterfall",
    "cure_curve",
    "entry_rate_line",
    "fee_curves",
    "flow_rate_lines",
    "hand_over_curve",
    "like_cases",
    "liquidation_curves",
    "loan_timeline",
    "node_bars",
    "par_lines",
    "plan_effect",
    "plotly_config",
    "recovery_curves",
    "roll_comparison",
    "short_number",
    "strategy_intervals",
    "sweep_heatmap",
    "tornado",
    "transition_heatmap",
    "vintage_curves",
    "waterfall",
]
