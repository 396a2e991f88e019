"""The paired bootstrap on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from mnemic.bench.compare import Difference, compare, holm, paired_bootstrap
from mnemic.bench.outcome import Reading, Run
from mnemic.bench.suite import Suite
from mnemic.core.errors import BadInput


def one(a: np.ndarray, b: np.ndarray, **options: int) -> Difference:
    (difference,) = paired_bootstrap(np.array([a, b]), ["a", "b"], "mrr", **options)
    return difference


def test_equal_systems_do_not_differ() -> None:
    values = np.linspace(0, 1, 40)
    difference = one(values, values)
    assert (difference.mean, difference.low, difference.high, difference.p) == (0, 0, 0, 1)


def test_interval_agrees_with_the_normal_approximation() -> None:
    rng = np.random.default_rng(3)
    a = rng.random(400)
    b = a + rng.normal(0.05, 0.2, 400)
    difference = one(a, b)
    error = (b - a).std() / np.sqrt(400)
    assert difference.mean == pytest.approx((b - a).mean())
    assert difference.low == pytest.approx(difference.mean - 1.96 * error, abs=0.15 * error)
    assert difference.high == pytest.approx(difference.mean + 1.96 * error, abs=0.15 * error)


def test_pairing_finds_what_is_small_against_the_spread_of_questions() -> None:
    a = np.random.default_rng(5).random(200)
    assert one(a, a + 0.01).p < 0.001
    assert one(a, np.random.default_rng(6).permutation(a) + 0.01).p > 0.05


def test_swapping_the_systems_turns_the_sign() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.random(50), rng.random(50)
    there, back = one(a, b), one(b, a)
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high)
    assert there.p == pytest.approx(back.p)


def test_the_seed_decides() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.random(30), rng.random(30)
    assert one(a, b, seed=1) == one(a, b, seed=1)
    assert one(a, b, seed=1) != one(a, b, seed=2)


def test_all_pairs_and_none() -> None:
    values = np.random.default_rng(9).random((3, 10))
    found = paired_bootstrap(values, ["x", "y", "z"], resamples=100)
    assert [(d.a, d.b) for d in found] == [("x", "y"), ("x", "z"), ("y", "z")]
    assert paired_bootstrap(values[:1], ["x"]) == []
    with pytest.raises(BadInput):
        paired_bootstrap(np.zeros((2, 0)), ["x", "y"])


def test_holm_by_hand() -> None:
    assert holm([0.01]) == [0.01]
    assert holm([0.02, 0.01, 0.5]) == pytest.approx([0.04, 0.03, 0.5])
    assert holm([0.4, 0.6]) == pytest.approx([0.8, 0.8])
    assert holm([]) == []


def test_correction_is_over_all_metrics(diary: Suite) -> None:
    def run(name: str, right: bool) -> Run:
        readings = {}
        for probe in diary.probes:
            events = probe.evidence if right else ()
            readings[probe.id] = Reading(
                probe=probe.id,
                sha=probe.sha,
                ranking=events,
                cited={500: (), 1500: (), 4000: ()},
                tokens={500: 0, 1500: 0, 4000: 0},
                calls=0,
                ms=1,
            )
        return Run(name, "", readings, ())

    found = {d.metric: d for d in compare(diary, [run("wrong", False), run("right", True)])}
    assert found["recall_at_10"].mean == 1
    assert found["coverage_1500"].p == found["coverage_1500"].p_holm == 1
    assert found["recall_at_10"].p_holm == pytest.approx(3 * found["recall_at_10"].p)
