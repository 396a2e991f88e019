"""Reading a bank: recall, search and answer; and telling what became of what was read."""

from __future__ import annotations

from fastapi import APIRouter

from mnemic.serve import shapes
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.routes.banks import named_recipe
from mnemic.serve.schemas.banks import ConsolidateIn, Reflected
from mnemic.serve.schemas.events import WrittenOut
from mnemic.serve.schemas.reading import (
    AnswerIn,
    AnswerOut,
    ContextOut,
    Contexts,
    FeedbackIn,
    Hits,
    Recall,
    RecallMany,
    Search,
    TrialIn,
    TrialOut,
)
from mnemic.serve.who import Guarded

router = APIRouter(tags=["reading"])


@router.post("/banks/{bank}/recall", response_model=ContextOut)
def recall(bank: BankName, body: Recall, memory: Guarded) -> Reply:
    """The lines that matter for a question, at most ``tokens`` of them, dated and cited. Leaves a receipt."""
    return Reply(shapes.context(memory.bank(bank).recall(body.question, tokens=body.tokens, **body.options())))


@router.post("/banks/{bank}/recall_many", response_model=Contexts)
def recall_many(bank: BankName, body: RecallMany, memory: Guarded) -> Reply:
    """Search once, and assemble a context for each size that is asked for."""
    found, contexts = memory.bank(bank).recall_many(body.question, tokens=body.tokens, k=body.k, **body.options())
    return Reply({"hits": [hit.to_json() for hit in found], "contexts": [shapes.context(one) for one in contexts]})


@router.post("/banks/{bank}/search", response_model=Hits)
def search(bank: BankName, body: Search, memory: Guarded) -> Reply:
    """The best records for a question with how each was found, before any assembling."""
    found = memory.bank(bank).search(body.question, k=body.k, **body.options())
    return Reply({"hits": [hit.to_json() for hit in found]})


@router.post("/banks/{bank}/answer", response_model=AnswerOut)
def answer(bank: BankName, body: AnswerIn, memory: Guarded) -> Reply:
    """Recall, and answer from the lines, naming those that the answer rests on."""
    options = body.options()
    made = memory.bank(bank).answer(body.question, tokens=body.tokens, wishes=body.wishes, **options)
    return Reply(shapes.answer(made))


@router.post("/banks/{bank}/trial", response_model=TrialOut)
def trial(bank: BankName, body: TrialIn, memory: Guarded) -> Reply:
    """What another recipe would make of the bank's last events, and a recall of that; nothing of it is kept."""
    options = body.model_dump()
    recipe = named_recipe(options.pop("recipe")) or ""
    return Reply(shapes.trial(memory.bank(bank).trial(options.pop("question"), recipe, **options)))


@router.post("/banks/{bank}/feedback", response_model=WrittenOut, dependencies=[Writing])
def feedback(bank: BankName, body: FeedbackIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Tell what became of records: cited, uncited, correct, wrong, liked, label or correction."""
    told = {"receipt": body.receipt, "text": body.text, "value": body.value}
    return once(lambda: shapes.written(memory.bank(bank).feedback(body.kind, body.records, **told)))


@router.post("/banks/{bank}/consolidate", response_model=WrittenOut, dependencies=[Writing])
def consolidate(bank: BankName, memory: Guarded, once: AtMostOnce, body: ConsolidateIn | None = None) -> Reply:
    """Run what is due: sessions that wait, and every rule whose trigger fires."""
    return once(lambda: shapes.written(memory.bank(bank).consolidate(retry=bool(body and body.retry))))


@router.post("/banks/{bank}/reflect", response_model=Reflected, dependencies=[Writing])
def reflect(bank: BankName, memory: Guarded) -> Reply:
    """Run the rules that derive something (beliefs, summaries, merges) now."""
    return Reply({"records": [record.to_json() for record in memory.bank(bank).reflect()]})
