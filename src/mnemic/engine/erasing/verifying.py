"""After the rows: cleans the files, searches them for what was erased, and signs the receipt."""

from __future__ import annotations

from collections.abc import Iterable

from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import MnemicError, NotFound
from mnemic.core.evidence import sha
from mnemic.engine.engine import Engine
from mnemic.engine.erasing.leaks import MOST_PIECES
from mnemic.governance.signatures import new_key, sign, verified
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.pieces import Pieces, cut

NOTE = "erasure"
KEY = "signing-key"
#: How long a reader of an older state is waited for, in seconds.
PATIENCE = 5.0
#: So many findings are told one by one.
_TOLD = 20
_LEAST_DIFFERENT = 4


def signing_key(engine: Engine) -> dict[str, str]:
    """The store's key, made when first asked for; its public part can be given to whoever is to check receipts."""
    try:
        note = engine.store.note(WHOLE_STORE, KEY, "erasure")
    except NotFound:
        note = None
    if note is None:
        engine.store.put_note(Note(bank=WHOLE_STORE, kind=KEY, id="erasure", at=engine.clock.now(), body=new_key()))
        note = engine.store.note(WHOLE_STORE, KEY, "erasure")
    return dict(note.body) if note is not None else {}


def cleaned(
    engine: Engine, receipt: ErasureReceipt, pieces: Iterable[bytes], terms: Iterable[str] = ()
) -> ErasureReceipt:
    """The receipt with what cleaning and searching came to, signed and kept; see the module."""
    looked = Pieces(_bounded([*pieces, *(piece for term in terms for piece in cut(term.encode()))]))
    steps: list[str] = []
    waits: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    unsearched: tuple[str, ...] = ()
    size = 0
    for thorough in (False, True):
        purged = engine.store.purge(receipt.bank, thorough=thorough, patience=PATIENCE)
        steps += purged.steps
        waits = purged.waits
        searched = engine.store.search(receipt.bank, looked)
        places, size, findings = searched.places, searched.bytes, searched.findings
        unsearched = searched.unsearched
        if not findings or waits:
            break
    verification = {
        "clean": not findings and not waits,
        "steps": list(dict.fromkeys(steps)),
        "waits": list(waits),
        "places": list(places),
        "bytes": size,
        "pieces": len(looked),
        "findings": list(findings[:_TOLD]),
        "found": len(findings),
        **({"unsearched": list(unsearched)} if unsearched else {}),
    }
    return signed(engine, receipt.with_(verification=verification, state="done" if not waits else "rows"))


def finish(engine: Engine, receipt: ErasureReceipt) -> ErasureReceipt:
    """Do what an interrupted erasure left: what was erased is not known any more, so the file is written anew whole."""
    purged = engine.store.purge(receipt.bank, thorough=True, patience=PATIENCE)
    verification = {
        "clean": False,
        "steps": list(purged.steps),
        "waits": list(purged.waits),
        "findings": [],
        "note": "interrupted: what was erased was not known any more, so nothing could be searched for; "
        "all files were written anew of what is left",
    }
    return signed(engine, receipt.with_(verification=verification, state="done" if not purged.waits else "rows"))


def signed(engine: Engine, receipt: ErasureReceipt) -> ErasureReceipt:
    """The receipt signed with the store's key and kept as a note; the audit names its hash."""
    done = receipt.with_(signature=sign(receipt.signed_text, signing_key(engine)))
    home = receipt.bank if engine.store.bank(receipt.bank) is not None else WHOLE_STORE
    engine.store.put_note(Note(bank=home, kind=NOTE, id=done.id, at=done.at, body=done.to_json()))
    body = {"erasure": done.id, "bank": done.bank, "clean": done.clean, "sha256": sha(done.signed_text)}
    engine.store.put_audit(home, engine.clock.now(), done.who, "erased", body)
    return done


def receipts(engine: Engine, bank: str) -> list[ErasureReceipt]:
    """The receipts of a bank, or of banks that were erased whole, in order."""
    try:
        notes = engine.store.notes(bank, NOTE)
    except NotFound:
        if bank != WHOLE_STORE:
            raise
        notes = []
    return [ErasureReceipt.from_json(note.body) for note in notes]


def holds(engine: Engine | None, receipt: ErasureReceipt, *, public: str = "") -> bool:
    """Whether a receipt is as it was signed: by the given public key, or by the store's own."""
    key = signing_key(engine) if engine is not None else {}
    if not receipt.signature:
        return False
    try:
        return verified(
            receipt.signed_text,
            receipt.signature,
            public=public or key.get("public", ""),
            private=key.get("private", ""),
        )
    except MnemicError:
        return False


def _bounded(pieces: list[bytes]) -> list[bytes]:
    # Bytes that hardly differ, such as the zeros of a sparse vector, tell nothing.
    found = [
        piece
        for piece in dict.fromkeys(_cut_up(pieces))
        if len(set(piece)) >= _LEAST_DIFFERENT and b"\0\0\0" not in piece
    ]
    step = max(1, -(-len(found) // MOST_PIECES))
    return found[::step]


def _cut_up(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Pieces as they are, and longer traces cut into such."""
    for piece in pieces:
        yield from cut(piece)
