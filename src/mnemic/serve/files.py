"""Files that are made for one request: sent piece by piece, and gone with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import StreamingResponse

_PIECE = 1 << 18


def sent(path: Path, folder: TemporaryDirectory[str], media: str) -> StreamingResponse:
    """An answer that is a file; its folder goes when it has been sent, or nobody waits for it any more."""

    def pieces() -> Iterator[bytes]:
        with folder, path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    headers = {
        "Content-Length": str(path.stat().st_size),
        "Content-Disposition": f'attachment; filename="{path.name}"',
    }
    return StreamingResponse(pieces(), media_type=media, headers=headers)
