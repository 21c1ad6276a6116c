"""The design of a study: what is asked, which images meet, and who sees which pair when and on which side."""

from radiorate.studies.models.plan import Assignment, Pair, PairWithdrawal, Reader, Side
from radiorate.studies.models.progress import PairKind, comes_no_more, counted, to_be_rated
from radiorate.studies.models.rubric import Criterion, Rubric, Tag
from radiorate.studies.models.study import PracticeCollection, RealCollection, Study, SyntheticCollection

__all__ = [
    "Assignment",
    "Criterion",
    "Pair",
    "PairKind",
    "PairWithdrawal",
    "PracticeCollection",
    "Reader",
    "RealCollection",
    "Rubric",
    "Side",
    "Study",
    "SyntheticCollection",
    "Tag",
    "comes_no_more",
    "counted",
    "to_be_rated",
]
