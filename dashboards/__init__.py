"""The pages: a Panel app that shows what collectkit computes.

``python -m dashboards`` serves it on this machine. A page is one question, one module in `dashboards.pages`
and one line in its registry; the shell gives it the date, the policy, the language and the theme.
"""
