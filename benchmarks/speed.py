"""The speed harness: mnemic beside its floors and two other products, all on one core, in one run.

    python benchmarks/environments.py /tmp/environments
    python benchmarks/speed.py --records 1000,10000 --environments /tmp/environments --out benchmarks/results

``--store PATH`` adds a store of many banks (see store.py) to be opened and searched. Writes speed.json and speed.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from measure import machine

HERE = Path(__file__).parent
RIVALS = ("chroma", "mem0")


def run(command: list[str], timeout: float) -> dict[str, Any]:
    """The JSON on the last line that a runner prints, or why there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {"failed": f"not finished within {timeout:.0f} s"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "no output"}
    out: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return out


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Every figure, product by product and size by size."""
    out: dict[str, Any] = {"machine": machine(), "sizes": {}}
    environments = args.environments.absolute() if args.environments else None
    core, work, cap = str(args.core), str(args.work.absolute()), str(args.cap)
    for records in map(int, args.records.split(",")):
        row = out["sizes"][str(records)] = {}
        row["mnemic"] = run([sys.executable, "run_mnemic.py", str(records), core, work], args.timeout)
        for name in RIVALS if environments else ():
            python = str(environments / name / "bin" / "python")
            row[name] = run([python, f"run_{name}.py", str(records), core, work, cap], args.timeout)
        print(records, json.dumps(row), flush=True)
    if args.store:
        store = str(args.store.absolute())
        out["many_banks"] = run([sys.executable, "run_many.py", store, core, str(args.bank_size)], args.timeout)
    python = str(environments / "core" / "bin" / "python") if environments else sys.executable
    start = [sys.executable, "-c", "import json,start;print(json.dumps(start.measure({!r}{})))"]
    start[2] = start[2].format(python, f", {str(args.store.absolute())!r}" if args.store else "")
    out["start"] = run(start, args.timeout)
    out["flushes_per_retain"] = run([sys.executable, "flushes.py"], args.timeout)
    if environments and (environments / "sizes.json").exists():
        out["installs"] = json.loads((environments / "sizes.json").read_text())
    return out


def table(out: dict[str, Any]) -> str:
    """The figures as Markdown; milliseconds are medians, processor time in brackets."""
    heads = (
        "records",
        "product",
        "bulk rows/s",
        "one durable write, ms",
        "20 nearest, ms",
        "x numpy floor",
        "bytes/record",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for records, row in out["sizes"].items():
        for product, figures in row.items():
            if "failed" in figures:
                lines.append(f"| {records} | {product} | {figures['failed']} | | | | |")
                continue
            name = "search_dense" if product == "mnemic" else "search"
            read, single = figures.get("read", {}).get(name), figures.get("retain_one")
            ratio = figures.get("read_ratio", {}).get(name)
            times = f"{ratio['wall']} ({ratio['cpu']})" if ratio else figures.get("unfinished", "")
            lines.append(
                f"| {int(records):,} | {product} | {figures['bulk_rows_per_s']:,} | {_ms(single)} | {_ms(read)} | "
                f"{times} | {figures['bytes_per_record']:,} |"
            )
    return "\n".join(lines) + "\n"


def _ms(figures: dict[str, float] | None) -> str:
    return f"{figures['p50_ms']} ({figures['cpu_p50_ms']})" if figures else ""


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", default="1000,10000")
    parser.add_argument("--environments", type=Path, help="folder made by environments.py")
    parser.add_argument("--store", type=Path, help="a store of many banks, made by store.py")
    parser.add_argument("--bank-size", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--work", type=Path, default=Path("/tmp"), help="folder on the disk to measure")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--cap", type=float, default=120, help="seconds that another product may take to fill")
    parser.add_argument("--timeout", type=float, default=3600)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    out = measure(args)
    (args.out / "speed.json").write_text(json.dumps(out, indent=1) + "\n")
    (args.out / "speed.md").write_text(table(out))
    print(table(out))


if __name__ == "__main__":
    main()
