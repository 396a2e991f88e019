"""Makes an environment of its own for each product that is measured, and for each of mnemic's installs.

``python benchmarks/environments.py FOLDER`` installs them with pip into ``FOLDER/NAME``, and writes what each
weighs to ``FOLDER/sizes.json``: packages (without pip and setuptools) and megabytes of site-packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTALLS = {
    "core": [str(ROOT)],
    "local": [f"{ROOT}[local]"],
    "chroma": ["chromadb"],
    "mem0": ["mem0ai", "langchain"],
}


def python_of(folder: Path, name: str) -> Path:
    """The interpreter of an environment."""
    return folder / name / "bin" / "python"


def make(folder: Path, name: str) -> None:
    """Make an environment unless it is there."""
    target = folder / name
    if (target / "done").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    pip = [str(python_of(folder, name)), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *INSTALLS[name]], check=True)
    (target / "done").touch()


def weigh(folder: Path, name: str) -> dict[str, object]:
    """What an environment holds: number of packages, megabytes, and megabytes without compiled Python."""
    listed = subprocess.run(
        [str(python_of(folder, name)), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    packages = {row["name"]: row["version"] for row in json.loads(listed.stdout)}
    own = sorted(set(packages) - {"pip", "setuptools"})
    site = next((folder / name / "lib").glob("python*/site-packages"))
    files = [path for path in site.rglob("*") if path.is_file() and path.relative_to(site).parts[0] not in
             ("pip", "setuptools", "pkg_resources", "_distutils_hack")]  # fmt: skip
    whole = sum(path.stat().st_size for path in files)
    source = sum(path.stat().st_size for path in files if path.suffix != ".pyc")
    return {
        "packages": len(own), "megabytes": round(whole / 1e6, 1), "megabytes_without_pyc": round(source / 1e6, 1),
        "names": {package: packages[package] for package in own},
    }  # fmt: skip


def main() -> None:
    """Make and weigh every environment."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name in INSTALLS:
        make(folder, name)
        sizes[name] = weigh(folder, name)
        (folder / "sizes.json").write_text(json.dumps(sizes, indent=1))
        print(name, sizes[name]["packages"], "packages,", sizes[name]["megabytes"], "MB")


if __name__ == "__main__":
    main()
