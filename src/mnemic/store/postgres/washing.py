"""Writes over the server's write-ahead log, which holds what was written until its segments are used anew.

    checkpoint          what lies behind it is needed no more: the server keeps such segments under names to come
    switch, n times     each fills the rest of a segment with zeros; n is how many segments to come there are

Twice, since the first checkpoint turns segments that held what was erased into segments to come. What the server has
copied elsewhere (an archive, standby servers) is out of reach.
"""

from __future__ import annotations

import psycopg

from mnemic.store.postgres.connections import Session

#: A log of more segments than this is left to the server: to write over it would cost it too much.
MOST_SEGMENTS = 128
_LEFT = "the write-ahead log is left to the server"


def wash(session: Session) -> list[str]:
    """Do it; gives what was done, in words."""
    try:
        session.run("CHECKPOINT")
    except psycopg.errors.InsufficientPrivilege:
        return [f"{_LEFT}: this role may not ask for a checkpoint"]
    if not _may_switch(session):
        return ["checkpoint written", f"{_LEFT}: this role may not switch its segments"]
    if _to_come(session) > MOST_SEGMENTS:
        return ["checkpoint written", f"{_LEFT}: it has more than {MOST_SEGMENTS} segments"]
    for _ in range(2):
        for _ in range(_to_come(session) + 1):
            # A segment into which nothing was written is not switched.
            session.rows("SELECT pg_logical_emit_message(false, 'mnemic', 'erasure')::text")
            session.rows("SELECT pg_switch_wal()::text")
        session.run("CHECKPOINT")
    return ["checkpoint written", "write-ahead log written over"]


def _may_switch(session: Session) -> bool:
    # By name, since their arguments are not the same in every version.
    row = session.row(
        "SELECT bool_and(has_function_privilege(oid, 'execute')) FROM pg_proc WHERE proname = ANY(%s)",
        (["pg_switch_wal", "pg_ls_waldir", "pg_logical_emit_message"],),
    )
    return row is not None and bool(row[0])


def _to_come(session: Session) -> int:
    """Segments that lie ready to be used again."""
    row = session.row(
        "SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"
        " AND name > pg_walfile_name(pg_current_wal_lsn())"
    )
    return int(row[0]) if row is not None else 0
