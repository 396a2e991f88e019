"""Admission: by which rules a bank judges what enters."""

from __future__ import annotations

from fastapi import APIRouter

from mnemic.serve.parameters import BankName
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.admission import RulesIn, RulesOut
from mnemic.serve.who import Guarded

router = APIRouter(tags=["quarantine"])


@router.get("/banks/{bank}/admission", response_model=RulesOut)
def admission(bank: BankName, memory: Guarded) -> Reply:
    """The rules by which a bank judges what enters."""
    return Reply(memory.bank(bank).admission().to_json())


@router.put("/banks/{bank}/admission", response_model=RulesOut, dependencies=[Writing])
def admit_by(bank: BankName, body: RulesIn, memory: Guarded) -> Reply:
    """Judge what enters by these rules from now on, in place of the former ones."""
    return Reply(memory.bank(bank).admit_by(body.model_dump()).to_json())
