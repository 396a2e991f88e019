"""Formation: turns events into draft records. Importing this package registers its stages."""

from mnemic.formation.event_times import EventTimes
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.topic_shift import TopicShift
from mnemic.formation.turn_record import TurnRecord
from mnemic.formation.turn_window import TurnWindow

__all__ = [
    "EventTimes",
    "IndexText",
    "PerSession",
    "PerTurn",
    "SegmentRecord",
    "TopicShift",
    "TurnRecord",
    "TurnWindow",
]
