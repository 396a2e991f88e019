"""Measures mem0 on one user of N texts, with ``infer=False`` and the vectors all get. Runs in its environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from rival import measure_rival


class Mem0:
    """Its local set-up: Qdrant's embedded store on disk, an embedder through LangChain's interface, no inference."""

    name = "mem0"

    def __init__(self, folder: Path, lookup: Any) -> None:
        os.environ["MEM0_TELEMETRY"] = "False"
        os.environ["MEM0_DIR"] = str(folder / "mem0")
        from importlib.metadata import version

        from langchain_core.embeddings import Embeddings
        from mem0 import Memory

        class Looked(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return lookup.vectors(texts).tolist()

            def embed_query(self, text: str) -> list[float]:
                return lookup.vectors([text])[0].tolist()

        self.version = version("mem0ai")
        store = {
            "collection_name": "bank",
            "path": str(folder / "qdrant"),
            "embedding_model_dims": 384,
            "on_disk": True,
        }
        self.memory = Memory.from_config(
            {
                "embedder": {"provider": "langchain", "config": {"model": Looked(), "embedding_dims": 384}},
                "vector_store": {"provider": "qdrant", "config": store},
                "llm": {"provider": "openai", "config": {"api_key": "unused"}},
                "history_db_path": str(folder / "history.db"),
            }
        )

    def add(self, texts: list[str]) -> None:
        """Store texts as they are, one call a text: its interface takes one conversation at a time."""
        for text in texts:
            self.memory.add(text, user_id="bank", infer=False)

    def search(self, question: str) -> Any:
        """The twenty nearest memories."""
        try:
            return self.memory.search(question, filters={"user_id": "bank"}, top_k=20)
        except (TypeError, ValueError):
            return self.memory.search(question, user_id="bank", limit=20)


if __name__ == "__main__":
    measure_rival(Mem0, sys.argv, at_once=50)
