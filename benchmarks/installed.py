"""What an installation brings: packages and megabytes of fresh environments, the core alone and with extras.

    python benchmarks/installed.py              # the core, and what [serve] adds to it
    python benchmarks/installed.py postgres     # what another extra adds

Each is installed from this folder by pip into an environment of its own, from the index that pip knows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def installed(folder: Path, extra: str) -> tuple[set[str], float]:
    """Names of the packages of an environment, and megabytes of their files."""
    venv.create(folder, with_pip=True)
    python, wanted = folder / "bin" / "python", f"{ROOT}[{extra}]" if extra else str(ROOT)
    subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools", "pip"], check=True)
    (packages,) = folder.glob("lib/*/site-packages")
    names = {path.name.split("-")[0].lower().replace("_", "-") for path in packages.glob("*.dist-info")}
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    return names, round(size / 2**20, 1)


def main() -> None:
    """Install and print."""
    with tempfile.TemporaryDirectory(prefix="mnemic-installed-") as folder:
        core, megabytes = installed(Path(folder) / "core", "")
        print(json.dumps({"core": sorted(core), "mb": megabytes}))
        for extra in sys.argv[1:] or ["serve"]:
            names, more = installed(Path(folder) / extra, extra)
            print(json.dumps({extra: sorted(names - core), "mb_more": round(more - megabytes, 1)}))


if __name__ == "__main__":
    main()
