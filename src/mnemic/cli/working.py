"""``worker`` and ``jobs``: work in the background, done and told."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.jobs.worker import Worker
    from mnemic.store.notes import Job

_ENDS = ("done", "put off", "failed", "handed back")


def worker(
    call: Call,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due, instead of waiting for more.")] = False,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Jobs at a time, each of another bank.")] = 1,
    idle: Annotated[
        int, typer.Option(metavar="SECONDS", help="A bank unchanged for so long is idle: its sessions are over.")
    ] = 600,
) -> Answer:
    """Do the jobs of all banks, and consolidate idle banks; SIGTERM and Ctrl-C end it in good order."""
    from datetime import timedelta

    from mnemic.jobs.worker import Worker
    from mnemic.messages import check_whole
    from mnemic.serve.collector import trace_as_told

    trace_as_told()
    check_whole(concurrency, "concurrency", 1, 64)
    check_whole(idle, "idle", 0, 10_000_000)
    with call.memory() as memory:
        working = Worker(memory, concurrency, idle=timedelta(seconds=idle))
        if not call.as_json:
            working.on_end = _told
        _stop_on_signals(working)
        ended = working.run(once=once)
    data: dict[str, Any] = {"worker": working.name} | {end.replace(" ", "_"): ended.get(end, 0) for end in _ENDS}

    def show(screen: Screen) -> None:
        told = ", ".join(f"{ended[end]:,} {end}" for end in _ENDS if end in ended)
        screen.say(f"Worker {working.name}: {told or 'nothing was due'}.")

    return Answer(data, show)


def _stop_on_signals(working: Worker) -> None:
    former: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _frame: object) -> None:
        working.stop()
        # Asked a second time, it ends at once.
        signal.signal(number, former[number])

    for number in former:
        signal.signal(number, stop)


def _told(job: Job) -> None:
    reason = f": {job.result['reason']}" if "reason" in job.result else ""
    print(f"{job.kind} of {job.bank!r}, try {job.tries}: {job.state}{reason}", flush=True)


def jobs(
    call: Call,
    everything: Annotated[bool, typer.Option("--all", help="Jobs of every bank, not of one alone.")] = False,
) -> Answer:
    """List the jobs of a bank: what waits, what runs and how far it is, what was done, what failed and why."""
    with call.memory() as memory:
        rows = [row_of(job) for job in memory.jobs(None if everything else call.settings.bank)]

    def show(screen: Screen) -> None:
        columns = [Column(n) for n in ("job", "bank", "state", "due", "tries", "asked by", "what came of it")]
        screen.table(columns, ([*_cells(row)] for row in rows))
        screen.note(f"{counted(len(rows), 'job')}; 'mnemic worker' does what waits.")

    return Answer({"jobs": rows}, show)


def row_of(job: Job) -> dict[str, Any]:
    """A job as it is told."""
    from mnemic.jobs.queue import acting_of, options_of

    return {
        "id": job.id,
        "bank": job.bank,
        "kind": job.kind,
        "options": dict(options_of(job)),
        "by": acting_of(job).principal,
        "state": job.state,
        "due": job.due.isoformat(),
        "tries": job.tries,
        "worker": job.worker,
        "result": dict(job.result),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    result = row["result"]
    progress = result.get("progress")
    told = f"{progress['done']:,} of {progress['total']:,}" if progress else result.get("reason", "")
    shown = told or ", ".join(f"{name} {value}" for name, value in result.items() if name != "ended_at")
    return [row["kind"], row["bank"], row["state"], moment(row["due"]), str(row["tries"]), row["by"], shown]
