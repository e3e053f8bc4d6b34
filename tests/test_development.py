"""Chain ladder against published figures."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.development import developed, development_errors, development_factors

#: Taylor and Ashe (1983), the triangle of Mack (1993): cumulative amounts by year and age.
TAYLOR_ASHE = pd.DataFrame(row + [None] * (10 - len(row)) for row in [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]).astype(float)  # fmt: skip


def test_factors_of_mack_1993():
    # Mack (1993), ASTIN Bulletin 23(2), section 6: f of Taylor and Ashe
    expected = [3.490607, 1.747333, 1.457413, 1.173852, 1.103824, 1.086269, 1.053874, 1.076555, 1.017725]
    assert development_factors(TAYLOR_ASHE).tolist() == pytest.approx(expected, abs=5e-7)


def test_reserves_of_mack_1993():
    # the same paper, table of reserves: by year and 18 680 856 in all
    seen = [row.dropna().iloc[-1] for _, row in TAYLOR_ASHE.iterrows()]
    reserves = (developed(TAYLOR_ASHE).iloc[:, -1] - seen).round().tolist()
    assert reserves == [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]
    assert (developed(TAYLOR_ASHE).iloc[:, -1] - seen).sum() == pytest.approx(18_680_856, abs=0.5)


def test_standard_errors_of_mack_1993():
    # the same paper, table of standard errors: 80% of the second year's reserve to 29% of the last, 13% in all;
    # the amounts are those of R's ChainLadder, MackChainLadder(GenIns, est.sigma = "Mack")
    expected = [0, 75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155]
    assert development_errors(TAYLOR_ASHE).iloc[:, -1].round().tolist() == expected
    assert development_errors(TAYLOR_ASHE, together=True).iloc[0, -1] == pytest.approx(2_447_095, abs=0.5)


def test_amounts_seen_have_no_error():
    assert (development_errors(TAYLOR_ASHE).where(TAYLOR_ASHE.notna(), 0) == 0).all(axis=None)


def test_two_batches_tell_no_error():
    assert development_errors(pd.DataFrame([[1.0, 2.0], [3.0, None]])).iloc[1].isna().tolist() == [False, True]


def test_amounts_seen_stay_as_they_are():
    grown = developed(TAYLOR_ASHE)
    assert grown.where(TAYLOR_ASHE.notna()).equals(TAYLOR_ASHE.astype(float))


def test_an_age_nobody_was_seen_at_stays_missing():
    grown = developed(pd.DataFrame([[1.0, 2.0, None], [3.0, None, None]]))
    assert grown.iloc[1].fillna(-1).tolist() == [3.0, 6.0, -1]


def test_nothing_grows_from_nothing():
    assert development_factors(pd.DataFrame([[0.0, 5.0], [0.0, None]])).isna().all()


def test_a_hole_in_a_batch_is_refused():
    with pytest.raises(ck.CallError, match="Batch 1"):
        development_factors(pd.DataFrame([[1.0, 2.0, 3.0], [1.0, None, 3.0]]))
