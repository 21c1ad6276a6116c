"""The methods in words, out of an analysis: what a paper's statistics section needs, with versions and seed."""

import platform
from importlib.metadata import version
from typing import Any

import radiorate
from radiorate.results import wording

LIBRARIES = ("numpy", "scipy", "statsmodels", "pandas")

Json = dict[str, Any]


def versions() -> dict[str, str]:
    """What computed the numbers, and in which version."""
    return {"radiorate": radiorate.__version__, "Python": platform.python_version()} | {
        name: version(name) for name in LIBRARIES
    }


def paragraphs(found: Json) -> list[str]:
    """The text, a paragraph each, in the order of a paper."""
    n = found["n"]
    told = [
        (
            f"{wording.count(n['readers'], 'reader')} rated {wording.count(n['pairs'], 'pair')} of a real and a "
            f"synthetic image ({n['scores']} scores, {n['not_assessable']} not assessable, {n['missing']} missing; "
            f"{n['choices']} decisions which image is real). First showings of main pairs are analysed; hidden repeats "
            "count in repeatability alone. Missing scores were not filled in."
        ),
        *_differences(found),
        (
            "Which image was believed real: share correct over readers and pairs by the same variance, undecided as "
            "one half; each reader's share with Wilson's interval, d' and criterion in two-alternative form with the "
            "log-linear correction, and the area under the ROC curve of signed confidence (DeLong). The readers' mean "
            "area has percentile limits over resampled readers and pairs. Equivalence to chance: the smallest margin "
            "that two one-sided tests at 5 % accept."
        ),
        (
            "Grades: visual grading characteristics (Bath and Mansson 2007) as the chance that a synthetic image is "
            "graded above a real one, whole pairs resampled; severity of readers and the odds ratio of a better grade "
            "for real images by a cumulative link mixed model with a random effect of the reader. Preference: "
            "Bradley-Terry abilities with ties and an advantage of the side, readers and pairs resampled."
        ),
        (
            "Agreement: Krippendorff's alpha with the ordinal metric, pairs resampled for these readers; Gwet's AC2 "
            "with quadratic weights; intraclass correlations on images that all readers scored. Repeats: quadratic "
            "weighted kappa and the within-reader standard deviation (Bland and Altman)."
        ),
        *_counts(found),
        _multiplicity(found),
        (
            f"Resampling: {found['resamples']} draws, seed {found['seed']}. Under eight readers resampled intervals "
            "are too narrow where readers differ. Computed by "
            + ", ".join(f"{name} {number}" for name, number in versions().items())
            + "."
        ),
    ]
    if found["simulated"]:
        told.insert(
            0, "SIMULATED: a program made these ratings, no person. They say nothing about any image or reader."
        )
    return told


def _differences(found: Json) -> list[str]:
    """How the differences were computed, and what their intervals generalise to."""
    gaps = [each["difference"] for each in found["criteria"].values()]
    ways = sorted({str(gap["method"]) for gap in gaps if gap["method"]})
    if not ways:
        return []
    words = wording.generality(gaps[0]["readers"], gaps[0]["random"])
    return [
        "Differences are real minus synthetic within reader and pair. Their 95 % intervals: "
        f"{words}; variance from second moments of cells that share nothing, the reader, the pair or both (Gallas "
        f"2006), degrees of freedom after Satterthwaite. Methods used: {', '.join(ways)}."
    ]


def _counts(found: Json) -> list[str]:
    """How counts were analysed, where there are any."""
    if not found["counted"]:
        return []
    return [
        "Counts: the share of numbers seen that are the expected ones, over readers and pairs by the same variance."
    ]


def _multiplicity(found: Json) -> str:
    families = [
        f"{each['name']} ({len(each['tests'])}, {'Holm' if each['method'] == 'holm' else 'Benjamini-Hochberg'})"
        for each in found["multiplicity"]["families"]
    ]
    return f"Families of comparisons: {', '.join(families)}. All but the first are exploratory."


def markdown(found: Json) -> str:
    """The text as a page."""
    return "\n\n".join([f"# Methods: {found['study']}", *paragraphs(found)]) + "\n"
