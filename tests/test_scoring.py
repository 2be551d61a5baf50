"""Promises of the scorers on the shelf: contract tests that a new scorer is picked up by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from framing import scoring, voices
from framing.actors import Registry
from framing.corpus import split_passages
from framing.errors import ModelError
from framing.models import Encoder, TokenStates
from framing.scoring import Hidden
from framing.scoring.heads import (
    Evidence,
    Head,
    load_evidence,
    load_head,
    save_evidence,
    save_head,
    save_layers,
    strongest_window,
    strongest_windows,
)
from framing.scoring.portrayal import expected
from framing.tables import ARTICLES, check, empty

pytestmark = pytest.mark.neural

#: Descriptions that hold a name, and the two swapped.
DESCRIPTIONS = {
    "en": (
        "Azerbaijani armed forces shelled the Armenian side.",
        "Armenian armed forces shelled the Azerbaijani side.",
    ),
    "ru": ("ВС Азербайджана обстреляли армянскую сторону.", "ВС Армении обстреляли азербайджанскую сторону."),
    "az": ("Azərbaycan tərəfi Ermənistan tərəfini atəşə tutdu.", "Ermənistan tərəfi Azərbaycan tərəfini atəşə tutdu."),
    "hy": (
        "Ադրբեջանի զինված ուժերը կրակեցին Հայաստանի զինված ուժերի վրա։",
        "Հայաստանի զինված ուժերը կրակեցին Ադրբեջանի զինված ուժերի վրա։",
    ),
}
#: The same statement with two actors, and with the two swapped, in four languages (written for this test).
SWAPS = {
    "en": (
        "Azerbaijan shelled a village and killed five residents, Armenia called for talks.",
        "Armenia shelled a village and killed five residents, Azerbaijan called for talks.",
    ),
    "ru": (
        "Баку нарушил перемирие, а Ереван призвал к переговорам.",
        "Ереван нарушил перемирие, а Баку призвал к переговорам.",
    ),
    "az": (
        "Azərbaycan atəşkəsi pozdu, Ermənistan isə danışıqlara çağırdı.",
        "Ermənistan atəşkəsi pozdu, Azərbaycan isə danışıqlara çağırdı.",
    ),
    "hy": (
        "Ադրբեջանը խախտեց հրադադարը, իսկ Հայաստանը կոչ արեց բանակցել։",
        "Հայաստանը խախտեց հրադադարը, իսկ Ադրբեջանը կոչ արեց բանակցել։",
    ),
}


def accounts(texts: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """An article a text: its id is the name, its language the first of the pair."""
    rows = [
        {
            "article_id": name,
            "outlet": "o",
            "side": "s",
            "language": language,
            "published": pd.Timestamp("2023-01-01", tz="UTC"),
            "title": "",
            "text": text,
            "url": None,
            "copy_of": None,
        }
        for name, (language, text) in texts.items()
    ]
    return check(pd.DataFrame(rows), ARTICLES)


def scored(texts: dict[str, tuple[str, str]], registry: Registry, encoder: Encoder) -> pd.DataFrame:
    articles = accounts(texts)
    passages = split_passages(articles)
    mentions, _ = voices.attribute(articles, passages, registry)
    return scoring.score(passages, mentions, encoder=encoder)


@pytest.mark.parametrize("language", SWAPS)
def test_swapping_two_actors_swaps_their_scores(language: str, registry: Registry, encoder: Encoder) -> None:
    one, other = SWAPS[language]
    scores = scored({"one": (language, one), "other": (language, other)}, registry, encoder)
    table = scores[scores["actor"].isin(["armenia", "azerbaijan"])].pivot_table(
        index=["article_id", "actor"], columns="dimension", values="value"
    )
    assert table.shape == (4, 4)
    for a, b in (("armenia", "azerbaijan"), ("azerbaijan", "armenia")):
        np.testing.assert_allclose(table.loc[("one", a)], table.loc[("other", b)], atol=1e-4)
    blame = table["blame"]
    assert blame[("one", "azerbaijan")] != pytest.approx(blame[("one", "armenia")], abs=1e-4)


@pytest.mark.parametrize("language", DESCRIPTIONS)
def test_a_name_inside_a_description_is_hidden_too(language: str, registry: Registry, encoder: Encoder) -> None:
    one, other = DESCRIPTIONS[language]
    scores = scored({"one": (language, one), "other": (language, other)}, registry, encoder)
    table = scores[scores["actor"] != ""].assign(actor=scores["actor"].map(registry.representative, na_action="ignore"))
    table = table.pivot_table(index=["article_id", "actor"], columns="dimension", values="value")
    for a, b in (("armenia", "azerbaijan"), ("azerbaijan", "armenia")):
        np.testing.assert_allclose(table.loc[("one", a)], table.loc[("other", b)], atol=1e-3)


def test_a_mention_beyond_the_encoder_is_not_a_number(registry: Registry, encoder: Encoder) -> None:
    text = "They said that " + "the road was long and the winter was cold and " * 60 + "Azerbaijan had closed it."
    scores = scored({"a": ("en", text)}, registry, encoder)
    portrayal = scores[scores["actor"] == "azerbaijan"]
    assert set(portrayal["dimension"]) == {"blame", "legitimacy", "suffering", "sentiment"}
    assert portrayal["value"].isna().all()


def test_what_looks_like_a_special_token_is_read_as_text(registry: Registry, encoder: Encoder) -> None:
    scores = scored({"a": ("en", "Armenia said <pad> and <mask> </s> today.")}, registry, encoder)
    assert scores["value"].notna().all()
    plain = encoder.encode(["a <pad> b", "a  b"])
    assert abs(float(plain[0] @ plain[1])) < 0.9999


def test_renaming_an_actor_changes_nothing(registry: Registry, encoder: Encoder) -> None:
    scores = scored(
        {
            "a": ("en", "Turkey accused the minister of lying."),
            "b": ("en", "France accused the minister of lying."),
        },
        registry,
        encoder,
    )
    values = scores[scores["actor"] != ""].pivot_table(index="dimension", columns="article_id", values="value")
    np.testing.assert_allclose(values["a"], values["b"], atol=1e-4)


def test_every_scorer_keeps_its_contract(registry: Registry, encoder: Encoder) -> None:
    texts = {f"{lang}{i}": (lang, text) for lang, pair in SWAPS.items() for i, text in enumerate(pair)}
    scores = scored(texts, registry, encoder)
    ranges = {name: bounds for scorer in scoring.shelf() for name, bounds in scorer.dimensions.items()}
    assert set(scores["dimension"]) <= set(ranges)
    for name, (low, high) in ranges.items():
        values = scores.loc[scores["dimension"] == name, "value"].dropna()
        assert len(values) > 0
        assert values.between(low, high).all()
    assert set(scores["scorer"]) == set(scoring.signatures(encoder.signature))
    inside = (scores["start"] <= scores["evidence_start"]) & (scores["evidence_end"] <= scores["end"])
    assert inside.all()
    assert (scores["evidence_start"] < scores["evidence_end"]).all()


def test_the_order_of_articles_changes_nothing(registry: Registry, encoder: Encoder) -> None:
    texts = {lang: (lang, pair[0]) for lang, pair in SWAPS.items()}
    keys = ["article_id", "passage_id", "actor", "voice", "dimension"]
    one = scored(texts, registry, encoder).sort_values(keys, ignore_index=True)
    other = scored(dict(reversed(texts.items())), registry, encoder).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(one, other, atol=1e-5, rtol=0)


def test_a_sentence_without_words_or_actors_gives_no_portrayal(registry: Registry, encoder: Encoder) -> None:
    scores = scored({"a": ("en", "It rained for three days. ***")}, registry, encoder)
    assert set(scores["actor"]) == {""}
    whole = scores[scores["passage_id"] == ""]
    assert len(whole) == 14


def test_no_passages_give_an_empty_table(encoder: Encoder) -> None:
    from framing.tables import MENTIONS, PASSAGES

    assert len(scoring.score(empty(PASSAGES), empty(MENTIONS), encoder=encoder)) == 0


def test_heads_of_another_encoder_are_refused(registry: Registry, encoder: Encoder) -> None:
    import dataclasses

    other = dataclasses.replace(encoder, digest="0" * 16)
    with pytest.raises(ModelError, match="framing train"):
        scored({"a": ("en", "Armenia spoke.")}, registry, other)


def test_finished_blocks_are_not_scored_again(registry: Registry, encoder: Encoder, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(scoring, "_BLOCK", 2)
    articles = accounts({f"{lang}{i}": (lang, pair[0]) for i in range(2) for lang, pair in SWAPS.items()})
    passages = split_passages(articles)
    mentions, _ = voices.attribute(articles, passages, registry)
    whole = scoring.score(passages, mentions, encoder=encoder, shards=tmp_path)
    blocks = sorted(tmp_path.glob("*.parquet"))
    assert len(blocks) == 4
    blocks[-1].unlink()
    before = encoder.encoded
    again = scoring.score(passages, mentions, encoder=encoder, shards=tmp_path)
    assert encoder.encoded - before == 2  # the block's two sentences
    pd.testing.assert_frame_equal(whole, again)


def test_hidden_text_keeps_the_endings_and_maps_back_to_what_was_written() -> None:
    text = "Ադրբեջանի զորքերը և Հայաստանը:"
    hidden, back = scoring.hide(text, [Hidden(0, 9, "ի"), Hidden(20, 29, "ը")])
    assert hidden == "<mask>ի զորքերը և <mask>ը:"
    for at, letter in enumerate(hidden):
        if letter in "զորքեև":
            assert text[back[at]] == letter
    assert (back[0], back[6], back[7]) == (0, 9, 9)  # the mask lies on the name, the ending on its end
    assert back[len(hidden)] == len(text)


def test_the_case_stays_to_be_seen(registry: Registry) -> None:
    said = {
        "ru": ("Азербайджан встретился с Арменией и Ираном, делегация Армении ждала.", ["", "ом", "ом", "а"]),
        "az": ("Ermənistan Azərbaycanı, Rusiya isə Türkiyəni ittiham edib.", ["", "ı", "", "ı"]),
        "hy": ("Ադրբեջանը մեղադրեց Հայաստանին, Թուրքիան՝ Ռուսաստանին։", ["ը", "ին", "ը", "ին"]),
    }
    for language, (text, endings) in said.items():
        articles = accounts({"a": (language, text)})
        mentions, _ = voices.attribute(articles, split_passages(articles), registry)
        assert [span.ending for names in mentions["hidden"] for span in scoring.hidden_spans(names, 0)] == endings


def test_strongest_window_is_the_run_that_stands_out() -> None:
    spans = [(i * 2, i * 2 + 1) for i in range(6)]
    assert strongest_window(np.array([-1, -1, 5, 4, -1, -1.0]), spans) == (4, 7)
    assert strongest_window(np.zeros(0), []) is None
    assert strongest_window(np.array([1.0]), [(0, 3)]) == (0, 3)
    assert strongest_window(np.array([-2.0, -1.0]), [(0, 3), (4, 6)]) == (4, 6)


def test_strongest_windows_of_many_sentences_are_those_of_a_search_through_each() -> None:
    random = np.random.default_rng(0)
    sizes = [0, 1, 2, 60, 0, *random.integers(1, 50, 40).tolist(), 0]
    parts = [np.round(random.normal(size=size), 1) for size in sizes]  # rounded: equal sums occur
    spans = [[(3 * i, 3 * i + 2) for i in range(size)] for size in sizes]
    for widest in (1, 7, 40):
        expected_spans: list[tuple[int, int] | None] = []
        for part, words in zip(parts, spans, strict=True):
            above = np.concatenate([[0.0], np.cumsum(part)])
            best, found = -np.inf, None
            for first in range(len(part)):
                for last in range(first + 1, min(first + widest, len(part)) + 1):
                    if above[last] - above[first] > best + 1e-12:
                        best, found = above[last] - above[first], (words[first][0], words[last - 1][1])
            expected_spans.append(found)
        assert strongest_windows(parts, spans, widest=widest) == expected_spans
    assert strongest_windows([], []) == []


def test_word_parts_add_up_to_the_tokens_shares() -> None:
    states = TokenStates(np.zeros((3, 1), np.float32), np.array([[0, 2], [2, 4], [5, 8]]))
    parts = scoring.word_parts(states, [(0, 4), (5, 8)], np.array([0.5, 0.25, -1.0]))
    np.testing.assert_allclose(parts, [0.75, -1.0])


def test_a_head_survives_the_disk_and_a_missing_one_names_the_remedy(tmp_path) -> None:
    head = Head(
        name="h",
        classes=("a", "b"),
        weights=np.eye(2),
        languages=("az", "hy"),
        bias=np.array([[0.5, -0.5], [0.0, 0.0]]),
        encoder="e+1",
        independent=False,
        thresholds=np.array([0.5, 0.5]),
        figures={"accuracy": 0.5},
    )
    save_head(head, tmp_path)
    back = load_head("h", tmp_path)
    features = np.array([[1.0, 2.0], [1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(back.probabilities(features, ["az", "hy", "ka"]), [[0.5, 0.5], [0.5, 0.5], [np.nan] * 2])
    assert back.digest
    assert back.figures == {"accuracy": 0.5}
    with pytest.raises(ModelError, match="framing train"):
        load_head("x", tmp_path)
    (tmp_path / "x.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match="not the weights"):
        load_head("x", tmp_path)


def test_tuned_layers_of_another_encoder_are_refused(encoder: Encoder, tmp_path) -> None:
    save_layers({"8.x": np.zeros(3)}, 8, "other+0", tmp_path)
    with pytest.raises(ModelError, match="belong to other"):
        scoring.tuned_encoder(encoder, tmp_path)
    save_layers({"8.x": np.zeros(3)}, 8, f"{encoder.name}+{encoder.digest}", tmp_path)
    with pytest.raises(ModelError, match="does not fit"):
        scoring.tuned_encoder(encoder, tmp_path)


def test_evidence_survives_the_disk(tmp_path) -> None:
    random = np.random.default_rng(0)
    made = Evidence(random.normal(size=(2, 3)), random.normal(size=(2, 3)), random.normal(size=3), 0.5)
    save_evidence(made, tmp_path)
    states, mention = random.normal(size=(4, 3)), random.normal(size=3)
    back = load_evidence(tmp_path)
    np.testing.assert_allclose(back.logits(states, mention), made.logits(states, mention), atol=1e-5)
    by_hand = [(made.token @ s) @ (made.mention @ mention) / 2**0.5 + made.bias @ s + 0.5 for s in states]
    np.testing.assert_allclose(made.logits(states, mention), by_hand)


def test_a_mention_without_a_likely_code_gets_no_score() -> None:
    chances = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    np.testing.assert_allclose(expected(chances, 0.0, 1.0, 0.6), [np.nan, 0.05])
    np.testing.assert_allclose(expected(chances, 0.0, 1.0), [0.35, 0.05])
    plain, sure = scoring.signatures("e"), scoring.signatures("e", confidence=0.7)
    assert [one != other for one, other in zip(plain, sure, strict=True)] == [
        True,
        True,
        False,
    ]  # frames: no abstaining


def test_a_head_decides_by_its_thresholds() -> None:
    head = load_head("suffering")
    chances = np.array([[0.6, 0.4], [0.9, 0.1]])
    assert replace(head, thresholds=np.array([0.5, 0.25])).decide(chances).tolist() == [1, 0]
    frames = load_head("frames")
    assert frames.decide(np.full((1, 14), 0.99)).all()
