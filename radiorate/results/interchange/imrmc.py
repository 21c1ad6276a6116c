"""iMRMC (Java and R; RJafroc reads it too): a heading of free text, then reader, case, modality, score.

The truth of a case stands under reader -1, modality 0. Readers, cases and modalities are whole numbers, because some of
its readers take no others; the heading says which is which. A missing cell has no row.
"""

from radiorate.results.interchange import Readings

SUFFIX = ".imrmc"


def write(given: Readings) -> bytes:
    """The file."""
    positives = int(given.truth.sum())
    lines = [
        given.heading,
        "",
        f"NR: {len(given.readers)}",
        f"N0: {len(given.cases) - positives}",
        f"N1: {positives}",
        f"NM: {len(given.modalities)}",
        "",
        *(f"reader {number} is {name}" for number, name in enumerate(given.readers, 1)),
        *(f"modality {number} is {name}" for number, name in enumerate(given.modalities, 1)),
        *(f"case {number} is {name}" for number, name in enumerate(given.cases, 1)),
        "",
        "BEGIN DATA:",
        *(f"-1,{number},0,{truth}" for number, truth in enumerate(given.truth, 1)),
    ]
    rows = zip(given.reader, given.case, given.modality, given.rating, strict=True)
    lines += [f"{reader + 1},{case + 1},{modality + 1},{rating}" for reader, case, modality, rating in rows]
    return ("\n".join(lines) + "\n").encode()
