"""Retrieval: how records are found. Importing the package registers its stages."""

from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.neighbours import Neighbours
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.weighted_sum import WeightedSum

__all__ = ["CrossEncoder", "Dense", "Lexical", "Neighbours", "ReciprocalRankFusion", "WeightedSum"]
