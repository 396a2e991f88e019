"""A transformer in ONNX form with its tokenizer, run one text at a time.

Int8 models quantise activations with one scale per tensor, so that in a batch the result for a text depends
on the other texts and on the padding: for bge-small the same text differed by up to 0.08 per component
(cosine down to 0.979) between batches. Alone and unpadded, the same text gives the same bytes; on one CPU
thread that is also no slower than batches of 32, because nothing is spent on padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models.extras import require
from mnemic.models.text_input import well_formed
from mnemic.models.weights import Weights


class OnnxModel:
    """Runs a BERT-like ONNX model on single texts or pairs of texts.

    Parameters
    ----------
    weights
        Files and settings of the model.
    threads
        Texts that are run at the same time, each on one thread; the result does not depend on it.

    Raises
    ------
    BadInput
        ``threads`` is below 1.
    ModelUnavailable
        onnxruntime or tokenizers is missing, or a file cannot be read.

    >>> from mnemic.models.catalog import BGE_SMALL
    >>> from mnemic.models.weights import resolve
    >>> model = OnnxModel(resolve(BGE_SMALL))  # doctest: +SKIP
    >>> model.run("hello").shape  # doctest: +SKIP
    (3, 384)
    """

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        if threads < 1:
            raise BadInput(f"threads must be at least 1, not {threads}")
        runtime = require("onnxruntime", "local")
        tokenizers = require("tokenizers", "local")
        if hasattr(runtime, "disable_telemetry_events"):
            # Newer ones report on themselves; what runs here is nobody else's business.
            runtime.disable_telemetry_events()
        options = runtime.SessionOptions()
        # One text is too little work to share; more threads would only spin.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(str(weights.model), options, providers=["CPUExecutionProvider"])
            self._tokenizer = tokenizers.Tokenizer.from_file(str(weights.tokenizer))
        # Both libraries raise bare exceptions for a file that they cannot read.
        except Exception as error:
            raise ModelUnavailable(
                f"{weights.name}: {weights.model} or {weights.tokenizer} cannot be read ({error}): replace the file"
            ) from error
        self._tokenizer.enable_truncation(weights.encoding.max_len)
        self._tokenizer.no_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._threads = threads

    def cut(self, text: str, tokens: int) -> str:
        """Shorten a text to its first ``tokens`` tokens.

        Parameters
        ----------
        text
            Any string.
        tokens
            Largest number of tokens, special tokens not counted; at most the model's length limit.
        """
        text = well_formed(text)
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return text if len(offsets) <= tokens else text[: offsets[tokens - 1][1]]

    def run(self, text: str, pair: str | None = None) -> NDArray[np.float32]:
        """First output of the model for one text or pair, without the batch axis.

        Parameters
        ----------
        text, pair
            The text, and the second text of a pair; the longer one is cut at the length limit.
        """
        encoded = self._tokenizer.encode(well_formed(text), None if pair is None else well_formed(pair))
        given = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        feed = {name: np.array([row], dtype=np.int64) for name, row in given.items() if name in self._inputs}
        output: NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return output

    def run_all(self, inputs: Sequence[tuple[str, str | None]]) -> list[NDArray[np.float32]]:
        """:meth:`run` on each of many inputs, in their order.

        Parameters
        ----------
        inputs
            Pairs of a text and a second text or ``None``.
        """
        if self._threads == 1 or len(inputs) < 2:
            return [self.run(*texts) for texts in inputs]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(lambda texts: self.run(*texts), inputs))
