"""Jobs: work that waits for a worker, what runs and how far it is, what came of it; and asking for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.guarded import GuardedMemory
from mnemic.jobs.kinds import kinds
from mnemic.jobs.queue import acting_of, options_of
from mnemic.recipes import recipe_names
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors
from mnemic.store.notes import Job

router = APIRouter(route_class=PageRoute)
PAGE = 50
#: What can be asked for here, and in what words; a kind with further options is asked for elsewhere.
ASKED: Mapping[str, str] = {
    "form": "Form what waits and is whole",
    "consolidate": "Form all that waits, and run the rules that are due",
    "reembed": "Give every text a vector of the configured embedder",
}
STATES = ("running", "waiting", "failed", "done")


@dataclass(frozen=True, slots=True)
class Line:
    """A job as it is shown: how far it is, why it failed or waits, and what came of it."""

    job: Job
    options: str
    by: str
    done: int
    total: int
    told: str
    ended: str | None


@router.get("/jobs")
def of_all(request: Request, memory: Doors) -> Response:
    """The jobs of all banks."""
    return _shown(request, memory, None, {})


@router.get("/banks/{bank}/jobs")
def of_bank(request: Request, memory: Doors, opened: OpenBank) -> Response:
    """The jobs of a bank, and what can be asked for."""
    may = {kind: memory.may_enqueue(kind, opened.name) for kind in (*ASKED, "switch")}
    return _shown(request, memory, opened.name, may)


@router.post("/banks/{bank}/jobs")
def ask(memory: Doors, opened: OpenBank, form: Sent) -> Response:
    """Ask for a job."""
    kind = form.one("kind")
    if kind not in ASKED and kind != "switch":
        raise BadInput(f"kind: {kind[:40]!r} cannot be asked for here; use {', '.join((*ASKED, 'switch'))}")
    options = {"recipe": form.one("recipe")} if kind == "switch" else {}
    if kind == "switch" and options["recipe"] not in recipe_names():
        raise BadInput("recipe: choose the one to which the bank is to be switched")
    memory.enqueue(kind, opened.name, options)
    return back("banks", opened.name, "jobs", done="asked")


def _shown(request: Request, memory: GuardedMemory, bank: str | None, may: Mapping[str, bool]) -> Response:
    wanted = request.query_params.get("state", "")
    after = max(0, whole(request.query_params.get("after", ""), "after", 0))
    jobs = memory.jobs(bank)
    counts = {state: sum(job.state == state for job in jobs) for state in STATES}
    chosen = [job for job in jobs if wanted not in STATES or job.state == wanted]
    # What is under way comes first, then what waits in the order of its turn, then the last that ended.
    ended = sorted((job for job in chosen if job.state in ("failed", "done")), key=lambda job: job.due, reverse=True)
    order = [job for state in ("running", "waiting") for job in chosen if job.state == state] + ended
    return page(
        request,
        "jobs.html",
        bank=bank,
        section="jobs",
        lines=[_line(job) for job in order[after : after + PAGE]],
        total=len(order),
        after=after,
        step=PAGE,
        counts=counts,
        wanted=wanted if wanted in STATES else "",
        busy=bool(counts["running"] or counts["waiting"]),
        asked=[(kind, words) for kind, words in ASKED.items() if may.get(kind) and kind in kinds()],
        may_switch=may.get("switch", False),
        recipes=recipe_names() if may.get("switch") else [],
    )


def _line(job: Job) -> Line:
    result = dict(job.result)
    progress: Mapping[str, Any] = result.pop("progress", {}) or {}
    ended = result.pop("ended_at", None)
    options = ", ".join(f"{name} {value}" for name, value in options_of(job).items())
    reason = str(result.pop("reason", ""))
    told = "; ".join(filter(None, (reason, ", ".join(f"{n.replace('_', ' ')} {_brief(v)}" for n, v in result.items()))))
    return Line(
        job, options, acting_of(job).principal, int(progress.get("done", 0)), int(progress.get("total", 0)), told, ended
    )


def _brief(value: Any) -> str:
    if isinstance(value, bool | int | float) or value is None:
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return f"{len(value):,}" if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
