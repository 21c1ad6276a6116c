"""MRMCaov (and any program that takes a table): reader, treatment, case, truth, rating as CSV.

In R: `mrmc(empirical_auc(truth, rating), treatment, reader, case, data = read.csv("mrmcaov.csv"))`.
"""

import csv
import io

from radiorate.results.interchange import Readings

SUFFIX = ".csv"


def write(given: Readings) -> bytes:
    """The table, by reader, case and treatment; a missing cell has no row."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["reader", "treatment", "case", "truth", "rating", *(["simulated"] if given.simulated else [])])
    rows = zip(given.reader, given.modality, given.case, given.rating, strict=True)
    for reader, modality, case, rating in rows:
        told = [given.readers[reader], given.modalities[modality], given.cases[case], int(given.truth[case])]
        writer.writerow([*told, int(rating), *(["true"] if given.simulated else [])])
    return stream.getvalue().encode()
