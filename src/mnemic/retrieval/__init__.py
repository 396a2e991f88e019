"""Retrieval: how records are found. Importing the package registers its stages."""

from mnemic.retrieval.bare_question import BareQuestion
from mnemic.retrieval.by_session import BySession
from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.entity import Entity
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.informative import Informative
from mnemic.retrieval.interleave import Interleave
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.min_score import MinScore
from mnemic.retrieval.mmr import MaximalMarginalRelevance
from mnemic.retrieval.near_duplicates import NearDuplicates
from mnemic.retrieval.neighbour_smoothing import NeighbourSmoothing
from mnemic.retrieval.neighbours import Neighbours
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.recency import Recency
from mnemic.retrieval.recent import Recent
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.second_round import SecondRound
from mnemic.retrieval.session_prior import SessionPrior
from mnemic.retrieval.sources import Sources
from mnemic.retrieval.speaker_match import SpeakerMatch
from mnemic.retrieval.split_question import SplitQuestion
from mnemic.retrieval.standing_instructions import StandingInstructions
from mnemic.retrieval.tagged import Tagged
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.time_proximity import TimeProximity
from mnemic.retrieval.time_told import TimeTold
from mnemic.retrieval.top import Top
from mnemic.retrieval.weighted_sum import WeightedSum
from mnemic.retrieval.whole_question import WholeQuestion

__all__ = [
    "BareQuestion",
    "BySession",
    "CrossEncoder",
    "Dense",
    "During",
    "Entity",
    "Everything",
    "Informative",
    "Interleave",
    "Lexical",
    "Linked",
    "MaximalMarginalRelevance",
    "MinScore",
    "NearDuplicates",
    "NeighbourSmoothing",
    "Neighbours",
    "PerKind",
    "Recency",
    "Recent",
    "ReciprocalRankFusion",
    "SecondRound",
    "SessionPrior",
    "Sources",
    "SpeakerMatch",
    "SplitQuestion",
    "StandingInstructions",
    "Tagged",
    "TimeCues",
    "TimeProximity",
    "TimeTold",
    "Top",
    "WeightedSum",
    "WholeQuestion",
]
