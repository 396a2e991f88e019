"""Fills a store with a generated life: turns, facts that change, labels and links, of any number of records.

``python benchmarks/filled_store.py STORE RECORDS`` makes the bank ``ines``; all words are put together here.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import mnemic
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge
from mnemic.engine.store_view import StoreView
from mnemic.memory import Memory

BANK = "ines"
START = datetime(2024, 1, 8, 8, 0, tzinfo=UTC)
PEOPLE = "Ines Tomas Lena Rui Oskar Marta Bea Nuno Clara Piet Sofia Hugo Alma Vera Jonas Mila".split()
PLACES = "Lisbon Porto Braga Bergen Ghent Turin Lyon Basel Cork Graz Aarhus Leiden".split()
THINGS = "bicycle kayak oven piano ladder telescope camper tent loom radio".split()
ATTRIBUTES = {
    "home": PLACES,
    "employer": "Maregrafo Ledgerline Northwind Copperhill Tidewater Fernworks".split(),
    "dentist": ["Dr Lund", "Dr Prata", "Dr Okafor", "Dr Weiss"],
    "language course": ["Italian", "Danish", "Polish", "Basque"],
    "favourite walk": ["the river path", "the old tramway", "the cliffs", "the botanical garden"],
}
SAID = (
    "{a} and I took the {thing} to {place}; it rained, and nobody minded.",
    "Remind me that {a} is allergic to walnuts before we cook for {b}.",
    "{a} called from {place} and asked whether {b} still has the {thing}.",
    "We meet {b} in {place} on {day}, and {a} brings the {thing}.",
    "I paid {n} euros for the {thing}; {a} says that was too much.",
    "{b} starts in {place} in the spring, and {a} is looking for a flat there.",
)
ANSWERS = (
    "Noted. Shall I remind you of {place} the evening before?",
    "I will keep {a} and the {thing} in mind.",
    "That is the {n}th time that {b} comes up this month.",
)
LABELS = ("health", "money", "work", "home")


def events(number: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """So many turns of a life, in sessions of up to 20, every tenth with a fact."""
    chance = random.Random(seed)
    at, session = START, 0
    for turn in range(number):
        if turn % 20 == 0:
            session += 1
            at += timedelta(hours=chance.randint(3, 11))
        at += timedelta(seconds=chance.randint(20, 90))
        a, b = chance.sample(PEOPLE, 2)
        words = {
            "a": a, "b": b, "place": chance.choice(PLACES), "thing": chance.choice(THINGS),
            "n": chance.randint(3, 900), "day": f"{at + timedelta(days=chance.randint(2, 9)):%d %B}",
        }  # fmt: skip
        asked = turn % 2 == 0
        message: dict[str, Any] = {
            "id": f"t{turn}", "session": f"day-{session:05}", "at": at.isoformat(),
            "role": "user" if asked else "assistant", "actor": "Ines" if asked else "assistant",
            "content": chance.choice(SAID if asked else ANSWERS).format(**words),
        }  # fmt: skip
        if turn % 10 == 4:
            attribute = chance.choice(list(ATTRIBUTES))
            value = chance.choice(ATTRIBUTES[attribute])
            fact = {"subject": a, "attribute": attribute, "value": value, "text": f"{a}: {attribute} is {value}"}
            message["content"] += f" By the way, {a}'s {attribute} is {value} now."
            message["meta"] = {"facts": [fact]}
        yield message


def linked(memory: Memory, number: int) -> None:
    """Lay links among the newest so many records: what follows in a session, and what names the same place."""

    def propose(view: StoreView) -> Iterable[Op]:
        records = view.scan(Where(), limit=number, newest_first=True)[::-1]
        for former, later in pairwise(records):
            if former.session == later.session:
                yield Op.link(Edge(src=former.id, dst=later.id, rel="next"), actor="generated")
        last: dict[str, str] = {}
        for record in records:
            for place in PLACES:
                if place in record.value:
                    if place in last:
                        edge = Edge(src=last[place], dst=record.id, rel="same_entity", weight=0.5)
                        yield Op.link(edge, actor="generated")
                    last[place] = record.id

    memory.engine.commit(BANK, propose)


def fill(memory: Memory, records: int) -> None:
    """Make the bank with about so many records, and look something up in it a few times."""
    bank = memory.bank(BANK)
    turns = list(events(records * 10 // 11))
    for start in range(0, len(turns), 2560):
        bank.retain(turns[start : start + 2560])
    linked(memory, min(records, 1500))
    for person in PEOPLE[:8]:
        bank.recall(f"Where does {person} live now?", tokens=600)
    for place, label in enumerate(LABELS * 3):
        bank.feedback("label", [record.id for record in bank.newest(40)[place::12]], text=label)
    for record in bank.newest(3):
        bank.update(record.id, record.value + " That was wrong at first.", reason="told again")
    bank.delete(bank.newest(5)[-1].id, reason="not worth keeping")
    memory.flush()


if __name__ == "__main__":
    with mnemic.open(sys.argv[1], embedder="hashing", reranker="overlap") as opened:
        fill(opened, int(sys.argv[2]))
        print(opened.bank(BANK).stats())
