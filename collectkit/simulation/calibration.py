"""Every constant of the simulation, in one place.

All of them are **illustrative**: a house calibration, made so that a simulated book shows about the figures
below at its month ends, counted without grace. They describe no lender and must not be used as a forecast.

=====================================  ================================================
M0 → M1 in a month                     3 % of loans
M1 → M2, M2 → M3, … M6 → M7            22, 60, 75, 82, 86, 90 %
of those that do not roll, cured       85, 70, 50, 35, 25, 20 % (from M1, … M6); the others stay
late instalments paid by day 3, 7, 15  45, 65, 80 %
cash after 90 days past due            aim 6, 9, 12 % of the balance in 6, 12, 24 months; large loans make it swing
promises kept                          55 %
=====================================  ================================================

The bucket of a month end cuts through the middle of a loan's own cycle (due date to due date), so the rates
of a cycle below are not the month-end rates above: they were set so that the month ends come out right. Three
days of grace lower M0 → M1 to about 2.4 % and raise M1 → M2 to about 27 %: the quick payers never show.
"""

from __future__ import annotations

# Lending. Shares are of loans, money is in currency, rates are per year.
PRODUCTS = ("property_mortgage", "vehicle_pledge", "consumer_instalment")
PRODUCT_SHARE = (0.08, 0.20, 0.72)
IS_SECURED = (True, True, False)
TERMS = ((12, 18, 24, 36), (3, 6, 9, 12), (3, 6, 9, 12, 18, 24))
TERM_SHARE = ((0.15, 0.10, 0.35, 0.40), (0.12, 0.28, 0.15, 0.45), (0.06, 0.09, 0.07, 0.38, 0.16, 0.24))
MEDIAN_PRINCIPAL = (420_000, 60_000, 9_000)
PRINCIPAL_SPREAD = (0.50, 0.45, 0.65)  # standard deviation of the logarithm
PRINCIPAL_RANGE = ((100_000, 2_000_000), (10_000, 300_000), (1_000, 50_000))
PRINCIPAL_STEP = (10_000, 1_000, 100)
FEE_SHARE = (0.0, 0.0, 0.001)  # of principal, with every instalment, in whole currency
GRADES = ("AA", "A", "BB", "B", "CC")
GRADE_SHARE = (0.12, 0.26, 0.32, 0.20, 0.10)
RATE_BP = (
    (800, 840, 900, 960, 1080),
    (1200, 1320, 1440, 1560, 1680),
    (1440, 1560, 1800, 1980, 2160),
)  # 1/10 000
REGIONS = ("East", "South", "North", "Central", "West")
REGION_SHARE = (0.34, 0.24, 0.18, 0.14, 0.10)
REPEAT_SHARE = 0.18  # loans lent to a customer who already had one
MONTHLY_GROWTH = 0.015
LENDING_SEASON = (0.85, 0.62, 1.05, 1.02, 1.00, 1.05, 1.00, 1.00, 1.03, 0.97, 1.12, 1.05)  # January first

# Paying on time, early and late.
EARLY_SHARE = 0.20  # paid one to three days before the due date
SETTLE_EARLY = 0.008  # a month: all remaining principal at once
PREPAY = 0.006  # a month: one to three coming instalments too
OVERPAY = 0.003  # rounded up to the next hundred
LATE = 0.082  # of instalments of a loan that paid the one before on time
LATE_AGAIN = 0.44  # of instalments of a loan that paid the one before late
LATE_BY_PRODUCT = (0.60, 0.90, 1.10)
LATE_BY_GRADE = (0.45, 0.70, 1.00, 1.40, 2.00)
LATE_SEASON = (1.02, 1.25, 0.98, 0.96, 0.96, 0.96, 0.97, 0.97, 0.97, 0.98, 0.98, 1.15)  # January first
EARLY_CURVE = ((0, 0.0), (3, 0.45), (7, 0.65), (15, 0.80), (30, 0.925))  # days late, share paid by then
PART_SHARE = (0.12, 0.30)  # of late payments made in two parts, and of those in three

# One cycle of a loan that is behind, by months behind (1 = the first missed due date).
ROLL = (0.074, 0.54, 0.69, 0.825, 0.87, 0.88)  # pays nothing until the next due date
ROLL_BY_GRADE = (0.80, 0.90, 1.00, 1.10, 1.25)  # in the first cycle only
CURED = (
    1.0,
    0.80,
    0.58,
    0.38,
    0.22,
    0.12,
)  # of the others: pays all arrears; the rest pay the oldest instalment
TAIL_PAYS = ((7, 0.055), (13, 0.030), (25, 0.010))  # from this many months behind on, share that pays a part
TAIL_PART = (0.05, 0.25)  # of the unpaid principal
RECOVERS = 0.012  # of written-off loans, a month, pays a part of the same size

# Ends other than being paid, a month.
WRITE_OFF = (13, 0.50, 0.25)  # from this many months behind on; unsecured, secured
SETTLED = (5, 0.008, (0.40, 0.70))  # from, share, part of the unpaid principal that was accepted
SOLD = (10, 0.12)  # from, share of unsecured loans each December
ARCHIVED = (10, 0.002)

# Agencies. STRENGTH is the truth an honest comparison should find: it multiplies the monthly chance of cash.
AGENCIES = ("Anxin", "Borui", "Chengda")
STRENGTH = (0.7, 1.0, 1.3)
PLACED_FROM = 4  # months behind: more than 90 days past due
PLACED = (0.35, 0.60, 0.85)  # by product, in the first month it is possible
PLACED_LATER = 0.15  # of that share, in each later month
AGENCY_BY_SIZE = ((0.55, 0.30, 0.15), (0.33, 0.34, 0.33), (0.15, 0.30, 0.55))  # small, middle, large loans
CASH_BY_SIZE = (1.25, 1.0, 0.75)  # small loans pay more easily: who gets them looks good
CASH_BY_PRODUCT = (0.30, 0.65, 1.10)  # from PLACED_FROM on: cash from collateral comes late
SIZE_EDGES = (0.75, 1.35)  # principal by the product's median
RECALL_DAYS = 180
RECALLED = 0.40  # a month, once placed for that long
PLACED_AGAIN = 0.50  # a month, with another agency

# The record of payments.
POSTED_LATE = ((0.93, 0, 0), (0.05, 1, 3), (0.02, 4, 15))  # share, from and to days
REVERSED_THEN_PAID = 0.075  # of payments four days late or more: a first one had been taken back
REVERSED = 0.075  # of first missed instalments: a payment came and was taken back

# The record of collecting.
PAUSED = 0.04  # of cycles behind, up to three months behind
PAUSES = (
    ("hardship", 0.5, 30, 90),
    ("dispute", 0.2, 15, 45),
    ("deferral", 0.3, 30, 60),
)  # share, from, to days
CADENCE = {  # months behind: (day of the cycle, channel); visits only for secured or large loans
    1: ((1, "sms"), (4, "call"), (8, "call"), (15, "call"), (23, "call")),
    2: ((2, "call"), (8, "im"), (15, "letter"), (21, "call"), (27, "call")),
    3: ((2, "call"), (9, "call"), (16, "visit"), (24, "call")),
    4: ((3, "letter"), (10, "call"), (20, "call")),
    5: ((9, "call"), (19, "call")),
    7: ((6, "call"), (20, "sms")),
    13: ((12, "call"),),
}
CONTACTED = 0.85  # of planned contacts made
PROMISES_BEFORE_CASH = 0.75  # of reached calls in the week before a payment
PROMISES_OTHERWISE = 0.175  # of other reached calls
REACHED = {"call": 0.45, "visit": 0.55, "sms": 0.0, "im": 0.25, "letter": 0.0}
TRIED_AGAIN = 0.30  # of unanswered calls, the same day
BREACH = 0.004  # of calls: at night, to a third party with the debt told, or six on a day; planted for training
TEAMS = (("early", 6), ("middle", 4), ("late", 3), ("field", 1))  # in-house collectors for each 3 000 loans
AGENCY_TEAM = 2  # collectors of each agency for each 3 000 loans
