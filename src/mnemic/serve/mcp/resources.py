"""Resources: banks, their records and receipts, and what a bank is about, under ``mnemic://``."""

from __future__ import annotations

import json
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resources import ResourceSecurity

from mnemic.core.marking import marked
from mnemic.core.reading import Where
from mnemic.serve.mcp.desk import Desk
from mnemic.serve.mcp.reading import evidence_of
from mnemic.serve.mcp.shapes import Item

#: Names of banks and ids are no paths.
SECURITY = ResourceSecurity(exempt_params=frozenset({"bank", "record", "receipt"}))
JSON = "application/json"
#: Kinds of records that say what a bank is about, rather than what happened when.
ABOUT = ("core", "profile", "belief", "summary", "semantic", "lesson")


def register(server: MCPServer[Any], desk: Desk) -> None:
    """Give a server these resources."""

    @server.resource("mnemic://banks{?after}", name="banks", title="Banks", mime_type=JSON, security=SECURITY)
    def banks(context: Context, after: str = "") -> str:
        """The banks that can be reached here, by name."""
        names = [name for name in desk.banks(context) if name > after]
        return json.dumps({"banks": names[:1000], "default": desk.default})

    @server.resource("mnemic://banks/{bank}/summary", name="summary", title="What a bank is about", security=SECURITY)
    def summary(context: Context, bank: str) -> str:
        """What a bank holds, its standing knowledge (profile, beliefs, summaries, facts), and what is newest."""
        held = desk.bank(context, bank)
        stats = held.stats()
        about = held.list(Where(kinds=ABOUT), limit=40).records
        counted = [f"{name}: {stats[name]}" for name in ("events", "records", "sessions", "waiting") if name in stats]
        lines = [f"- ({record.kind}) {record.value}" for record in about]
        standing = marked("\n".join(lines)) if lines else "No standing knowledge was derived yet; use recall."
        return f"# Bank {held.name}\n{', '.join(counted)}\n\n{standing}\n"

    @server.resource(
        "mnemic://banks/{bank}/records/{record}", name="record", title="A record", mime_type=JSON, security=SECURITY
    )
    def record(context: Context, bank: str, record: str) -> str:
        """A record with its evidence, word for word."""
        held = desk.bank(context, bank)
        found = held.get(record)
        evidence = [event.model_dump() for event in evidence_of(held, found)]
        return json.dumps({"record": Item.of(found).model_dump(), "evidence": evidence}, ensure_ascii=False)

    @server.resource(
        "mnemic://banks/{bank}/receipts/{receipt}", name="receipt", title="A receipt", mime_type=JSON, security=SECURITY
    )
    def receipt(context: Context, bank: str, receipt: str) -> str:
        """The account of a recall: which records entered the context, why, at what cost."""
        return json.dumps(desk.bank(context, bank).receipt(receipt).to_json(), ensure_ascii=False)
