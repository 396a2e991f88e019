"""Formation: turns events into draft records. Importing this package registers its stages."""

from mnemic.formation.event_times import EventTimes
from mnemic.formation.index_text import IndexText
from mnemic.formation.key_phrases import KeyPhrases
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.reported_speech import ReportedSpeech
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.statements import Statements
from mnemic.formation.topic_shift import TopicShift
from mnemic.formation.turn_record import TurnRecord
from mnemic.formation.turn_window import TurnWindow

__all__ = [
    "EventTimes",
    "IndexText",
    "KeyPhrases",
    "NamedEntities",
    "PerSession",
    "PerTurn",
    "ReportedSpeech",
    "SegmentRecord",
    "Statements",
    "TopicShift",
    "TurnRecord",
    "TurnWindow",
]
