"""Segmenters cover a session exactly, in order; batches and single turns are cut alike."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from formation_view import EventList, turn
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View
from mnemic.formation import PerSession, PerTurn, TurnWindow

