"""Readers' areas: two analyses against each other, brute force, and relabelling; published values in test_cases.py."""

import itertools

import numpy as np
import pytest

from radiorate.results.statistics import mrmc


def table(modalities=2, readers=4, positives=9, negatives=8, missing=0.0, seed=1):
    """A frame of simulated scores 1..5 with reader and case effects."""
    random = np.random.default_rng(seed)
    rows = list(itertools.product(range(readers), range(positives + negatives), range(modalities)))
    reader, case, modality = np.array([row for row in rows if random.random() >= missing]).T
    truth = (case < positives).astype(int)
    ease, eye = random.normal(size=positives + negatives), random.normal(1.2, 0.4, size=(readers, modalities))
    latent = truth * eye[reader, modality] + 0.5 * ease[case] + random.normal(size=len(case))
    score = np.clip(np.round(3 + latent), 1, 5)
    return {"reader": reader, "case": case, "modality": modality, "truth": truth, "score": score}


def wins(frame, modality):
    """{(reader, positive, negative): 1, 0.5 or 0} of all triples that were read."""
    of = frame["modality"] == modality
    scores = {(r, c): s for r, c, s in zip(frame["reader"][of], frame["case"][of], frame["score"][of], strict=True)}
    truth = dict(zip(frame["case"].tolist(), frame["truth"].tolist(), strict=True))
    return {
        (r, p, n): (scores[r, p] > scores[r, n]) + (scores[r, p] == scores[r, n]) / 2
        for (r, p), n in itertools.product(scores, truth)
        if truth[p] and not truth[n] and (r, n) in scores
    }


def by_brute_force(one, two):
    """Covariance of two pooled areas, out of the products of triples that share nothing."""
    apart = [
        a * b
        for (t, a), (u, b) in itertools.product(one.items(), two.items())
        if all(x != y for x, y in zip(t, u, strict=True))
    ]
    return np.mean(list(one.values())) * np.mean(list(two.values())) - np.mean(apart)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_u_statistic_is_that_counted_triple_by_triple(missing):
    frame = table(readers=3, positives=5, negatives=4, missing=missing, seed=2)
    first, second = wins(frame, 0), wins(frame, 1)
    found = mrmc.ustatistic_auc(frame)
    assert found["means"]["0"]["value"] == pytest.approx(np.mean(list(first.values())))
    assert found["means"]["0"]["variance"] == pytest.approx(by_brute_force(first, first))
    difference = by_brute_force(first, first) + by_brute_force(second, second) - 2 * by_brute_force(first, second)
    assert found["differences"][0]["variance"] == pytest.approx(difference)


@pytest.mark.parametrize("random", ["readers+cases", "readers"])
def test_pseudovalues_and_the_jackknife_covariances_test_alike(random):
    frame = table(modalities=3)
    one, two = mrmc.obuchowski_rockette(frame, random=random), mrmc.dorfman_berbaum_metz(frame, random=random)
    assert [two[key] for key in ("f", "df1", "df2", "p")] == pytest.approx(
        [one[key] for key in ("f", "df1", "df2", "p")]
    )
    for a, b in zip(one["differences"], two["differences"], strict=True):
        assert b == pytest.approx(a)


def test_with_cases_alone_random_the_two_differ_in_degrees_of_freedom_only():
    frame = table(modalities=3)
    one, two = (each(frame, random="cases") for each in (mrmc.obuchowski_rockette, mrmc.dorfman_berbaum_metz))
    assert two["f"] == pytest.approx(one["f"])
    assert (one["df2"], two["df2"]) == (np.inf, 2 * 16)


def test_the_jackknife_leaves_each_case_out_in_turn():
    frame = table(modalities=1, readers=1)
    cases = np.unique(frame["case"])
    without = []
    for case in cases:
        kept = {key: column[frame["case"] != case] for key, column in frame.items()}
        without.append(np.mean(list(wins(kept, 0).values())))
    variance = (len(cases) - 1) ** 2 / len(cases) * np.var(without, ddof=1)
    found = mrmc.obuchowski_rockette(frame, random="cases")
    assert found["components"]["error"] == pytest.approx(variance)
    assert found["means"]["0"]["standard_error"] ** 2 == pytest.approx(variance)
    assert np.isnan(found["f"])


def test_relabelling_readers_and_cases_changes_no_test():
    frame = table()
    renamed = frame | {"reader": 9 - frame["reader"], "case": np.char.add("c", (97 - frame["case"]).astype(str))}
    for analysis in (mrmc.obuchowski_rockette, mrmc.dorfman_berbaum_metz):
        assert analysis(renamed)["p"] == pytest.approx(analysis(frame)["p"])
    one, two = mrmc.ustatistic_auc(renamed), mrmc.ustatistic_auc(frame)
    assert one["differences"][0] == pytest.approx(two["differences"][0])


def test_a_hole_a_repeated_reading_and_a_case_of_two_truths_are_refused():
    frame = table()
    with pytest.raises(ValueError, match="missing"):
        mrmc.obuchowski_rockette({key: column[1:] for key, column in frame.items()})
    with pytest.raises(ValueError, match="once"):
        mrmc.ustatistic_auc({key: np.append(column, column[:1]) for key, column in frame.items()})
    with pytest.raises(ValueError, match="both"):
        mrmc.ustatistic_auc(frame | {"truth": np.where(np.arange(len(frame["truth"])) == 0, 0, frame["truth"])})
    with pytest.raises(ValueError, match="covariance"):
        mrmc.obuchowski_rockette(frame, covariance="bootstrap")
    with pytest.raises(ValueError, match="random"):
        mrmc.obuchowski_rockette(frame, random="nothing")


def test_on_complete_data_the_two_analyses_have_nearly_one_error_and_one_df():
    frame = table(readers=5, positives=40, negatives=40)
    one, two = mrmc.obuchowski_rockette(frame, covariance="delong"), mrmc.ustatistic_auc(frame)
    for name in ("0", "1"):
        assert two["means"][name]["df"] == pytest.approx(one["means"][name]["df"], rel=0.03)
        assert two["means"][name]["standard_error"] == pytest.approx(one["means"][name]["standard_error"], rel=0.02)


def test_with_holes_and_few_readers_there_is_always_an_interval_and_it_holds_the_truth():
    held = 0
    for seed in range(100):  # both modalities are alike: the true difference is 0
        frame = table(readers=4, positives=20, negatives=20, missing=0.2, seed=seed)
        found = mrmc.ustatistic_auc(frame)["differences"][0]
        held += found["low"] <= 0 <= found["high"]
    assert held >= 88  # 100 runs: +-4.4 points around 95
