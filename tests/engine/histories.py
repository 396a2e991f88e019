"""Random histories of a bank: every kind of op that a user or a stage may ask for, in any order."""

from __future__ import annotations

import random
from datetime import timedelta

from mnemic.bank import Bank
from mnemic.core.op import Op
from mnemic.core.record import Edge, Key, Record
from mnemic.core.times import Interval, Times, instant
from mnemic.engine.store_view import StoreView

WORDS = "anna ben lisbon porto tea coffee cat dog rain sun moved lives likes hates plays café 東京 don't".split()
EPOCH = instant("2026-01-01")


def sentence(rng: random.Random) -> str:
    """One to eight words."""
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 8)))


def note(rng: random.Random, record_id: str) -> Record:
    """A record such as a stage may make: keys of every mode, marks, times."""
    text = sentence(rng)
    start = EPOCH + timedelta(days=rng.randint(0, 50))
    keys = {
        "words": Key(text, True, False),
        "said": Key(text, False, True),
        "both": Key(sentence(rng)),
        "none": Key(text, False, False),
    }
    return Record(
        id=record_id,
        kind=rng.choice(["semantic", "episodic", "secret"]),
        value=text,
        keys={name: keys[name] for name in keys if rng.random() < 0.8},
        tags=tuple(rng.sample(WORDS, rng.randint(0, 2))),
        labels=tuple(rng.sample(WORDS, rng.randint(0, 1))),
        entities=tuple(rng.sample(WORDS, rng.randint(0, 2))),
        views={"stub": text[:5]} if rng.random() < 0.3 else {},
        fields={"times": [{"start": "2025-05-01", "end": "2025-06-01"}]} if rng.random() < 0.3 else {},
        times=Times(event=Interval(start, start + timedelta(days=rng.randint(0, 3))))
        if rng.random() < 0.7
        else Times(),
        session=rng.choice(["s1", "s2", ""]),
        actor=rng.choice(["Anna", "Ben", ""]),
        role=rng.choice(["user", "assistant"]),
        tier=rng.choice(["", "hot"]),
        epistemic=rng.choice(["evidence", "inference"]),
    )


def step(bank: Bank, rng: random.Random) -> None:
    """One random write to a bank, of one op or of several in one commit."""
    with bank.engine.view(bank.name) as view:
        ids = list(view.snapshot.index().ids)
        seq = view.snapshot.seq
    kind = rng.choice(["retain", "retain", "user", "user", "ops", "ops", "rollback", "feedback"])
    if kind == "retain" or not ids:
        texts = [{"role": "user", "content": sentence(rng)} for _ in range(rng.randint(1, 3))]
        bank.retain(texts, session=rng.choice(["s1", "s2"]))
    elif kind == "user":
        chosen = rng.choice(ids)
        change = rng.choice(["update", "delete", "restore"])
        if change == "update":
            bank.update(chosen, sentence(rng))
        else:
            (bank.delete if change == "delete" else bank.restore)(chosen)
    elif kind == "feedback":
        verdict = rng.choice(["cited", "wrong", "label", "correction"])
        bank.feedback(verdict, rng.sample(ids, min(2, len(ids))), text=sentence(rng))
    elif kind == "rollback":
        bank.rollback(rng.randint(0, seq))
    else:
        salt = rng.randrange(1 << 30)
        bank.engine.commit(bank.name, lambda view: several(view, ids, random.Random(salt), f"n{salt}-"))


def several(view: StoreView, ids: list[str], rng: random.Random, prefix: str) -> list[Op]:
    """Ops on distinct records of a view, and on the records that they make."""
    shown = list(view.get(rng.sample(ids, min(4, len(ids)))).values())
    made = [note(rng, f"{prefix}{i}") for i in range(rng.randint(0, 2))]
    ops = [Op.add(record) for record in made]
    for record in shown:
        kind = rng.choice(["retag", "keys", "move", "view", "supersede", "update", "touch", "merge", "link", "unlink"])
        others = [other for other in (*shown, *made) if other.id != record.id]
        if kind == "retag":
            ops.append(Op.retag(record, tags=(rng.choice(WORDS),), importance=0.5, fields={"a": 1}))
        elif kind == "keys":
            ops.append(Op.retag(record, keys={"both": Key(sentence(rng))}))
        elif kind == "move":
            ops.append(Op.move(record, rng.choice(["hot", "cold"])))
        elif kind == "view":
            ops.append(Op.set_view(record, "stub", sentence(rng)))
        elif kind == "supersede" and others:
            ops.append(Op.supersede(record, rng.choice(others).id))
        elif kind == "update":
            fresh = note(rng, record.id)
            ops.append(Op.update(record, fresh))
        elif kind == "touch":
            ops.append(Op.touch(record.id, {"hits": 1, "surprise": 0.5}))
        elif kind == "merge":
            ops.append(Op.merge((record,), note(rng, f"{prefix}m{len(ops)}")))
        elif others:
            edge = Edge(
                src=record.id, dst=rng.choice(others).id, rel=rng.choice(["about", "next"]), weight=rng.random()
            )
            ops.append(Op.link(edge) if kind == "link" else Op.unlink(edge))
            if rng.random() < 0.3:
                ops += [Op.unlink(edge), Op.link(edge)]
    return ops
