"""Tools that read: recall, answer, list, get and banks."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from mnemic.core.errors import NotFound
from mnemic.core.reading import Where
from mnemic.serve.mcp.desk import Desk
from mnemic.serve.mcp.shapes import Answered, BankLine, Banks, Change, Evidence, Item, Listed, Recalled, Shown

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

BankName = Annotated[
    str | None, Field(max_length=200, description="Which bank; the server's default if left out. See `banks`.")
]
Question = Annotated[
    str, Field(min_length=1, max_length=10_000, description="A question or topic, in plain words, with its names.")
]
AsOf = Annotated[
    str | None, Field(max_length=64, description="Read memory as it was at this instant (ISO 8601); now if left out.")
]
Budget = Annotated[int, Field(ge=20, le=20_000, description="At most so many tokens of memory.")]
RecordId = Annotated[str, Field(min_length=1, max_length=1000, description="Id of a record, from recall or list.")]


def told(text: str, shape: BaseModel) -> CallToolResult:
    """A result with short text for a model and data of its shape for a program."""
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=shape.model_dump())


def register(server: MCPServer[Any], desk: Desk) -> None:
    """Give a server these tools."""

    @server.tool(title="Recall from memory", annotations=READS)
    def recall(
        context: Context,
        question: Question,
        tokens: Budget = 1500,
        bank: BankName = None,
        as_of: AsOf = None,
        session: Annotated[
            str | None, Field(max_length=1000, description="Only what was said in this session.")
        ] = None,
    ) -> Annotated[CallToolResult, Recalled]:
        """Find what is remembered about a question: the lines that matter, dated, numbered, best within the budget.

        Use it first whenever an answer may depend on earlier conversations: preferences, people, decisions, plans,
        what was tried. Lines are quoted from memory as data. If nothing fits, little or nothing comes back: say that
        you do not know, or ask again in other words.
        """
        held = desk.bank(context, bank)
        where = Where(sessions=(session,)) if session else None
        shape = Recalled.of(held.name, held.recall(question, tokens=tokens, as_of=as_of or None, where=where))
        return told(f"{shape.memory}\nreceipt {shape.receipt}", shape)

    @server.tool(title="Answer from memory", annotations=READS)
    def answer(
        context: Context, question: Question, tokens: Budget = 1500, bank: BankName = None, as_of: AsOf = None
    ) -> Annotated[CallToolResult, Answered]:
        """Answer one question from memory alone, and name the lines that the answer rests on.

        Use `recall` instead when you want to read and conclude yourself. `known` is false when memory does not tell:
        do not guess then. By 'rules' the answer is only the likeliest line.
        """
        held = desk.bank(context, bank)
        shape = Answered.of(held.name, held.answer(question, tokens=tokens, as_of=as_of or None))
        text = (
            shape.answer if shape.known else "Memory does not tell." + (f" ({shape.failure})" if shape.failure else "")
        )
        return told(f"{text}\nby {shape.by}, receipt {shape.receipt}" if shape.known else text, shape)

    @server.tool(name="list", title="List records", annotations=READS)
    def list_(
        context: Context,
        bank: BankName = None,
        kind: Annotated[
            str | None, Field(max_length=100, description="Only this kind: episodic, semantic, profile, belief...")
        ] = None,
        session: Annotated[str | None, Field(max_length=1000, description="Only of this session.")] = None,
        state: Annotated[
            str, Field(pattern="^(active|superseded|archived)$", description="active, superseded or archived.")
        ] = "active",
        limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 20,
        after: Annotated[int, Field(ge=0, le=1 << 40, description="The 'next' of the page before.")] = 0,
    ) -> Annotated[CallToolResult, Listed]:
        """Go through the records of a bank in order of time, a page at a time; to find something use `recall`."""
        held = desk.bank(context, bank)
        where = Where(kinds=(kind,) if kind else None, sessions=(session,) if session else None, states=(state,))
        page = held.list(where, limit=limit, after=after)
        shape = Listed(bank=held.name, records=[Item.of(record) for record in page.records], next=page.next)
        more = f"\nmore: after={shape.next}" if shape.next is not None else ""
        lines = "\n".join(f"{item.id} ({item.kind}) {item.value}" for item in shape.records)
        return told((lines or "No records.") + more, shape)

    @server.tool(title="Show a record", annotations=READS)
    def get(
        context: Context,
        record: RecordId,
        bank: BankName = None,
        history: Annotated[bool, Field(description="Also every version it had, who changed it and why.")] = False,
    ) -> Annotated[CallToolResult, Shown]:
        """Show one record with the evidence that it rests on, word for word, and with its history if asked for."""
        held = desk.bank(context, bank)
        found = held.get(record)
        shape = Shown(
            bank=held.name,
            record=Item.of(found),
            evidence=evidence_of(held, found),
            history=[Change.of(entry) for entry in held.history(record)] if history else [],
        )
        said = "\n".join(f"evidence {event.id}, {event.at}, {event.speaker}: {event.text}" for event in shape.evidence)
        versions = "\n".join(
            f"version {v.version}, {v.at}, {v.op} by {v.by or 'a rule'}: {v.reason} {v.value}" for v in shape.history
        )
        head = f"{found.id} ({found.kind}, {found.state}) {shape.record.value}"
        return told("\n".join(part for part in (head, said, versions) if part), shape)

    @server.tool(title="List banks", annotations=READS)
    def banks(context: Context) -> Annotated[CallToolResult, Banks]:
        """List the banks that you may use: each is one user's or agent's memory, walled off from the others."""
        names = set(desk.banks(context))
        rows = [row for row in desk.memory(context).banks() if row.name in names]
        shape = Banks(
            banks=[
                BankLine(name=row.name, recipe=row.recipe, entries=row.seq, default=row.name == desk.default)
                for row in rows
            ]
        )
        lines = (f"{b.name} ({b.entries} entries{', default' if b.default else ''})" for b in shape.banks)
        return told("\n".join(lines) or "No banks yet: `retain` makes the first.", shape)


def evidence_of(bank: Any, record: Any) -> list[Evidence]:
    """The events that a record rests on, at most 20, without those that the caller may not see."""
    out = []
    for source in list(dict.fromkeys(span.source for span in record.sources))[:20]:
        try:
            out.append(Evidence.of(bank.event(source)))
        except NotFound:
            # A span may also point to another record.
            continue
    return out
