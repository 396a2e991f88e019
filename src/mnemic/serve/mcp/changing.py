"""Tools that change what is remembered: update and forget. Both keep the history, and leave evidence as it was said."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from mnemic.serve.mcp.desk import Desk
from mnemic.serve.mcp.reading import BankName, RecordId, told
from mnemic.serve.mcp.shapes import Changed, Item

CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)

Reason = Annotated[str, Field(max_length=1000, description="Why, in a few words; kept in the history.")]
NOT_ERASED = (
    "Set aside: recall no longer finds it, and it can be restored. Its evidence is still stored; to destroy content "
    "for good the owner erases it with `mnemic erase`."
)


def register(server: MCPServer[Any], desk: Desk) -> None:
    """Give a server these tools."""

    @server.tool(title="Reword a record", annotations=CHANGES)
    def update(
        context: Context,
        record: RecordId,
        value: Annotated[str, Field(min_length=1, max_length=1 << 20, description="How the record should read.")],
        reason: Reason = "",
        bank: BankName = None,
    ) -> Annotated[CallToolResult, Changed]:
        """Put a record right, when the user says that it is wrong; the former wording stays in its history.

        For something new, or a change in the world ("we moved"), `retain` what was said instead.
        """
        held = desk.bank(context, bank)
        shape = Changed(bank=held.name, record=Item.of(held.update(record, value, reason=reason)))
        return told(f"{shape.record.id} now reads {shape.record.value}", shape)

    @server.tool(title="Forget a record", annotations=CHANGES)
    def forget(
        context: Context,
        record: RecordId,
        reason: Reason = "",
        restore: Annotated[bool, Field(description="Bring back what was set aside instead.")] = False,
        bank: BankName = None,
    ) -> Annotated[CallToolResult, Changed]:
        """Set a record aside, when the user wants it no longer used: recall does not find it any more.

        This is not erasure: the evidence stays stored, and `restore` brings the record back. If the user wants content
        destroyed, say that the owner of the store does that with `mnemic erase`.
        """
        held = desk.bank(context, bank)
        made = held.restore(record, reason=reason) if restore else held.delete(record, reason=reason)
        note = "Current again." if restore else NOT_ERASED
        return told(f"{record}: {note}", Changed(bank=held.name, record=Item.of(made), note=note))
