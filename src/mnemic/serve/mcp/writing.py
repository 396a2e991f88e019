"""Tools that take something in: retain, reflect and feedback."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from mnemic.serve.mcp.desk import Desk
from mnemic.serve.mcp.reading import BankName, RecordId, told
from mnemic.serve.mcp.shapes import Item, Noted, Reflected, Retained, Turn

ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)


def register(server: MCPServer[Any], desk: Desk) -> None:
    """Give a server these tools."""

    @server.tool(title="Retain in memory", annotations=ADDS)
    def retain(
        context: Context,
        messages: Annotated[
            list[Turn], Field(min_length=1, max_length=200, description="What was said, oldest first, verbatim.")
        ],
        session: Annotated[
            str | None, Field(max_length=200, description="Id of the conversation, so that its turns stay together.")
        ] = None,
        bank: BankName = None,
    ) -> Annotated[CallToolResult, Retained]:
        """Keep what was said, shown or done, word for word; when this returns it is safely stored.

        Retain what will matter later: facts about the user, wishes, decisions, results, corrections. Give the words
        themselves with role and speaker, not a summary, and not what `recall` gave you. What says otherwise than
        something older is retained too: memory keeps the history and shows what holds now.
        """
        held = desk.bank(context, bank, create=True)
        # A model may take minutes; the words are safe at once, and a worker forms them.
        form = "later" if desk.memory(context).open.engine.models.answers else "now"
        written = held.retain([turn.message() for turn in messages], session=session or None, form=form)
        shape = Retained.of(held.name, written)
        wait = f"; {shape.waiting} wait to be formed" if shape.waiting else ""
        return told(f"{len(shape.events)} new, {shape.known} known, {len(shape.records)} records{wait}", shape)

    @server.tool(title="Reflect", annotations=ADDS)
    def reflect(context: Context, bank: BankName = None) -> Annotated[CallToolResult, Reflected]:
        """Derive what follows from what is remembered (beliefs, summaries), by the rules of the bank's recipe.

        Call it at the end of a long session, not for every question.
        """
        held = desk.bank(context, bank)
        if desk.memory(context).open.engine.models.answers:
            held.scope("reflect")
            desk.memory(context).open.enqueue("consolidate", held.name, acting=held.acting)
            return told("Reflecting in the background.", Reflected(bank=held.name, records=[], waiting=True))
        shape = Reflected(bank=held.name, records=[Item.of(record) for record in held.reflect()])
        lines = "\n".join(f"{item.id} ({item.kind}) {item.value}" for item in shape.records)
        return told(lines or "Nothing new was derived.", shape)

    @server.tool(title="Give feedback", annotations=ADDS)
    def feedback(
        context: Context,
        kind: Annotated[
            Literal["cited", "uncited", "correct", "wrong", "liked", "correction"],
            Field(description="cited/uncited: used in your answer or not; correct/wrong/liked: what the user said."),
        ],
        records: Annotated[list[RecordId], Field(max_length=100, description="Which records it is about.")],
        receipt: Annotated[str, Field(max_length=200, description="The receipt of the recall they came from.")] = "",
        text: Annotated[
            str, Field(max_length=100_000, description="For 'correction': how it should read; the user's own words.")
        ] = "",
        bank: BankName = None,
    ) -> Annotated[CallToolResult, Noted]:
        """Tell what became of recalled records, so that what helps is found more easily and what misleads less."""
        held = desk.bank(context, bank)
        held.feedback(kind, records, receipt=receipt, text=text)
        shape = Noted(bank=held.name, kind=kind, records=len(records))
        return told(f"{kind} noted for {len(records)} records", shape)
