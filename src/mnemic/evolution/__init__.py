"""Evolution: keeps records true as more becomes known. Importing this package registers its stages."""

from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.beliefs import Beliefs
from mnemic.evolution.causal import Causal
from mnemic.evolution.entity_observations import EntityObservations
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.four_operations import FourOperations
from mnemic.evolution.insert_only import InsertOnly
from mnemic.evolution.neighbour_rewriting import NeighbourRewriting
from mnemic.evolution.same_entity import SameEntity
from mnemic.evolution.same_time import SameTime
from mnemic.evolution.similar import Similar
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.tree import Tree
from mnemic.evolution.triggers import EveryEvents, OnDue, OnFeedback, OnIdle, OnSessionEnd, OnTaskEnd, OnTokens
from mnemic.evolution.utility_ratio import UtilityRatio

__all__ = [
    "AskedFold",
    "Beliefs",
    "Causal",
    "EntityObservations",
    "EveryEvents",
    "Extractive",
    "FourOperations",
    "InsertOnly",
    "NeighbourRewriting",
    "OnDue",
    "OnFeedback",
    "OnIdle",
    "OnSessionEnd",
    "OnTaskEnd",
    "OnTokens",
    "SameEntity",
    "SameTime",
    "Similar",
    "SkipDuplicates",
    "Tree",
    "UtilityRatio",
]
