"""Receipts: which records entered the context of a recall, and why."""

from __future__ import annotations

from fastapi import APIRouter, Path

from mnemic.serve.parameters import BankName, Limit, ReceiptId
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.reading import CitationOut, ReceiptOut, Receipts
from mnemic.serve.who import Guarded

router = APIRouter(tags=["receipts"])


@router.get("/banks/{bank}/receipts", response_model=Receipts)
def receipts(bank: BankName, memory: Guarded, limit: Limit = 20) -> Reply:
    """The newest receipts first."""
    return Reply({"receipts": [receipt.to_json() for receipt in memory.bank(bank).receipts(limit)]})


@router.get("/banks/{bank}/receipts/{receipt}", response_model=ReceiptOut)
def receipt(bank: BankName, receipt: ReceiptId, memory: Guarded) -> Reply:
    """Which memories went into an answer: the receipt of its recall."""
    return Reply(memory.bank(bank).receipt(receipt).to_json())


@router.get("/banks/{bank}/receipts/{receipt}/lines/{number}", response_model=CitationOut)
def why(
    bank: BankName,
    receipt: ReceiptId,
    memory: Guarded,
    number: int = Path(ge=0, le=1_000_000, description="The line, from 1 on."),
) -> Reply:
    """Why a line entered the context of a recall."""
    return Reply(memory.bank(bank).why(receipt, number))
