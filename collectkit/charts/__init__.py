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

from collectkit.charts.figures import bucket_bars, loan_timeline
from collectkit.charts.look import bucket_colours, plotly_config, short_number

__all__ = ["bucket_bars", "bucket_colours", "loan_timeline", "plotly_config", "short_number"]
