"""Measures Chroma on one collection of N texts, with the vectors that all products get. Runs in its environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rival import measure_rival


class Chroma:
    """A persistent client with cosine distance, as its guide sets it up."""

    name = "chroma"

    def __init__(self, folder: Path, lookup: Any) -> None:
        import chromadb
        from chromadb import Documents, EmbeddingFunction, Embeddings

        class Looked(EmbeddingFunction[Documents]):
            def __init__(self) -> None: ...

            def __call__(self, input: Documents) -> Embeddings:
                return list(lookup.vectors(input))

        self.version = chromadb.__version__
        self.client = chromadb.PersistentClient(str(folder))
        self.collection = self.client.create_collection(
            "bank", embedding_function=Looked(), configuration={"hnsw": {"space": "cosine"}}
        )
        self.count = 0

    def add(self, texts: list[str]) -> None:
        """Store texts."""
        self.collection.add(ids=[f"r{self.count + i}" for i in range(len(texts))], documents=texts)
        self.count += len(texts)

    def search(self, question: str) -> list[str]:
        """The twenty nearest texts."""
        return self.collection.query(query_texts=[question], n_results=20)["documents"][0]


if __name__ == "__main__":
    measure_rival(Chroma, sys.argv, at_once=1000)
