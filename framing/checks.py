"""The rules a corpus must keep, each checked with the rows that break it, and the seal over its files."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from framing import probes
from framing import text as texts
from framing.actors import Registry, find_mentions, read_actors
from framing.agreement import FRAME_LISTS, article_frames, read_labels
from framing.corpus import Corpus, open_corpus, split_passages
from framing.errors import CorpusError, suggest
from framing.probes import CODES
from framing.sources.files import read_csv, read_text
from framing.tables import FRAME_LABELS
from framing.voices import attribute

SPLITS = ("train", "dev", "test")
RELATIONS = ("same", "contradicted", "one_side")
_SEAL = "files.csv"
_PACKAGE = "datapackage.json"


@dataclass(frozen=True)
class Verdict:
    """One rule: ``rows`` name what breaks it (empty: it holds), ``detail`` says what was looked at."""

    rule: str
    rows: tuple[str, ...]
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing breaks the rule."""
        return not self.rows


@dataclass(frozen=True)
class Checked:
    """Counts (by name, a table each) and the verdict on every rule."""

    counts: Mapping[str, pd.DataFrame]
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Whether every rule holds."""
        return all(verdict.holds for verdict in self.verdicts)


def check_corpus(
    folder: Path, *, only: Iterable[str] | None = None, progress: Callable[[int], None] | None = None
) -> Checked:
    """Counts and rules of a corpus folder: parallel accounts (``articles/``), probes (``statements.csv``) or passages
    for training (``passages.csv``).

    The numbers that the rules ask for stand in the folder's ``rules.toml``.

    Parameters
    ----------
    only : iterable of str, optional
        The rules to try (`rules_of` lists them); default all. Counts are made only with all.

    Raises
    ------
    CorpusError
        If the folder holds neither, or a rule is not known. A file that a rule cannot read breaks that rule.
    """
    rules = _rules(folder)
    wanted = list(rules) if only is None else list(only)
    unknown = set(wanted) - set(rules)
    if unknown:
        raise CorpusError(f"no rule '{min(unknown)}'; {suggest(min(unknown), rules)}")
    opened = next(kind(Path(folder)) for _, kind, own in _KINDS if own is rules)
    verdicts = []
    for rule in wanted:
        try:
            rows = tuple(rules[rule](opened))
        except CorpusError as error:
            rows = (str(error),)
        verdicts.append(Verdict(rule, rows, opened.details.get(rule, "")))
        if progress is not None:
            progress(1)
    return Checked(opened.counts() if only is None else {}, tuple(verdicts))


def as_markdown(checked: Checked) -> str:
    """Counts and rules as a README shows them."""
    lines: list[str] = []
    for name, table in checked.counts.items():
        lines += [
            f"**{name}**",
            "",
            f"| | {' | '.join(map(str, table.columns))} |",
            "|---" * (table.shape[1] + 1) + "|",
        ]
        lines += [
            f"| {key} | {' | '.join(map(str, row))} |"
            for key, row in zip(table.index, table.to_numpy().tolist(), strict=True)
        ]
        lines.append("")
    lines += [f"- {'pass' if verdict.holds else 'FAIL'}: {verdict.rule}" for verdict in checked.verdicts]
    return "\n".join(lines)


def rules_of(folder: Path) -> list[str]:
    """The rules that `check_corpus` tries there."""
    return list(_rules(folder))


def _rules(folder: Path) -> Mapping[str, Callable[[Any], Iterator[str]]]:
    for mark, _, rules in _KINDS:
        if (Path(folder) / mark).exists():
            return rules
    marks = ", ".join(mark for mark, _, _ in _KINDS)
    raise CorpusError(f"{folder}: none of {marks} is there; expected a corpus such as corpora/karabakh.")


@dataclass(frozen=True)
class _Folder(ABC):
    folder: Path
    details: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    def counts(self) -> dict[str, pd.DataFrame]:
        """Tables by name."""

    @cached_property
    def rules(self) -> dict[str, Any]:
        file = self.folder / "rules.toml"
        try:
            return tomllib.loads(read_text(file))
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{file}: {error}") from error

    def at_least(self, found: Mapping[str, int]) -> Iterator[str]:
        for name, wanted in self.rules["minimum"].items():
            if name not in found:
                yield f"rules.toml: minimum '{name}' is not counted; known are: {', '.join(sorted(found))}"
            elif found[name] < wanted:
                yield f"{name}: {found[name]}, at least {wanted} wanted"

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        return read_csv(self.folder / name, required=columns)


# --------------------------------------------------------------------------- parallel accounts


@dataclass(frozen=True)
class _Accounts(_Folder):
    @cached_property
    def corpus(self) -> Corpus:
        return open_corpus(self.folder)

    @cached_property
    def articles(self) -> pd.DataFrame:
        articles = self.corpus.articles.set_index("article_id", drop=False)
        gold = self.gold.reindex(articles.index)
        event = gold["event_id"].fillna("")
        return articles.assign(
            event_id=event, copy_of=gold["copy_of"].fillna(""), split=event.map(self.splits).fillna("")
        ).rename_axis(None)

    @cached_property
    def gold(self) -> pd.DataFrame:
        return self.table("gold.csv", "event_id", "article_id", "copy_of").set_index("article_id")

    @cached_property
    def events(self) -> pd.DataFrame:
        columns = (
            "event_id",
            "date",
            "side_dates",
            "title",
            "kind",
            "place",
            "told_by",
            "follows",
            "agreed",
            "contested",
        )
        return self.table("events.csv", *columns).set_index("event_id")

    @cached_property
    def sources(self) -> pd.DataFrame:
        return self.table("sources.csv", "outlet", "side", "language", "type", "stance").set_index("outlet")

    @cached_property
    def splits(self) -> pd.Series:
        return self.table("splits.csv", "event_id", "split").set_index("event_id")["split"]

    @cached_property
    def passages(self) -> pd.DataFrame:
        return split_passages(self.corpus.articles).set_index("passage_id", drop=False).rename_axis(None)

    @cached_property
    def registry(self) -> Registry:
        return read_actors(self.folder / "actors.toml")

    @cached_property
    def labels(self) -> dict[str, pd.DataFrame]:
        names = ("labels.coder1.csv", "labels.coder2.csv", "labels.csv")
        return {name: read_labels(self.folder / name) for name in names}

    @cached_property
    def links(self) -> pd.DataFrame:
        return self.table("links.csv", "event_id", "passage_a", "passage_b", "relation")

    def counts(self) -> dict[str, pd.DataFrame]:
        articles = self.articles
        told = pd.DataFrame(
            {"sides": self.events["told_by"].str.count(r"\+") + 1, "split": self.splits.reindex(self.events.index)}
        )
        labels = self.labels["labels.csv"]
        labels = labels.assign(language=labels["article_id"].map(articles["language"]))
        coded = articles[articles["article_id"].isin(labels["article_id"])]
        codes = labels[labels["mentioned"] == 1].melt("language", CODES, var_name="code").astype({"value": str})
        return {
            "accounts by side and language": _crosstab(articles, "side", "language"),
            "accounts by split and language": _crosstab(articles, "split", "language"),
            "events by number of sides that tell it and split": _crosstab(told, "sides", "split"),
            "coded accounts by side and language": _crosstab(coded, "side", "language"),
            "coded passages x actors by language and split": _crosstab(
                labels.assign(split=labels["article_id"].map(articles["split"])), "language", "split"
            ),
            "adjudicated codes by language": _crosstab(
                codes.assign(code=codes["code"] + " " + codes["value"]), "code", "language"
            ).iloc[:-1],
        }

    # ---- rules: each yields what breaks it

    def ids(self) -> Iterator[str]:
        for row in self.corpus.skipped.to_dict("records"):
            yield f"{row['place']}: {row['reason']}"
        for name in self.articles.index:
            if not (self.folder / "articles" / f"{name}.txt").is_file():
                yield f"{name}: its file is not articles/{name}.txt"
        for name, table in (("events.csv", self.events), ("sources.csv", self.sources), ("gold.csv", self.gold)):
            yield from (f"{name}: '{key}' twice" for key in table.index[table.index.duplicated()])
        yield from (f"gold.csv: no account '{key}'" for key in self.gold.index.difference(self.articles.index))
        yield from (f"{key}: not in gold.csv" for key in self.articles.index.difference(self.gold.index))
        unknown = set(self.gold["event_id"]) - set(self.events.index)
        yield from (f"gold.csv: no event '{key}'" for key in sorted(unknown))

    def origins(self) -> Iterator[str]:
        for file in sorted((self.folder / "articles").glob("*.txt")):
            head = read_text(file).partition("+++")[2].partition("+++")[0]
            if not re.search(r'^origin = "Written for this project by ', head, re.MULTILINE):
                yield f"articles/{file.name}: its head does not say who wrote it (origin = ...)"

    def lengths(self) -> Iterator[str]:
        low, high = self.rules["text"]["words"]
        for name, text in self.articles["text"].items():
            if not low <= len(text.split()) <= high:
                yield f"{name}: {len(text.split())} words, expected {low} to {high}"

    def languages(self) -> Iterator[str]:
        for row in self.articles.to_dict("records"):
            found = texts.identify(row["text"]).language
            if found != row["language"]:
                yield f"{row['article_id']}: marked {row['language']}, reads as {found}"
            if self.sources["language"].get(row["outlet"], row["language"]) != row["language"]:
                yield f"{row['article_id']}: {row['language']}, but sources.csv names another for {row['outlet']}"

    def dates(self) -> Iterator[str]:
        days = timedelta(days=self.rules["text"]["window_days"])
        for row in self.articles.to_dict("records"):
            first = date.fromisoformat(self.events.loc[row["event_id"], "date"])
            if pd.isna(row["published"]):
                yield f"{row['article_id']}: no date"
            elif not first - timedelta(days=1) <= row["published"].date() <= first + days:
                yield f"{row['article_id']}: published {row['published']:%Y-%m-%d}, the event is of {first}"
        for row in self.articles[self.articles["copy_of"] != ""].to_dict("records"):
            if row["published"] <= self.articles.loc[row["copy_of"], "published"]:
                yield f"{row['article_id']}: not later than the account it copies"

    def overlaps(self) -> Iterator[str]:
        width = self.rules["text"]["shared_words"]
        seen: dict[tuple[str, ...], str] = {}
        told = set()
        for row in self.articles.to_dict("records"):
            root = row["copy_of"] or row["article_id"]
            for run in _runs(row["text"], row["language"], width):
                other = seen.setdefault(run, row["article_id"])
                other_root = self.articles.loc[other, "copy_of"] or other
                if root != other_root and (pair := (other, row["article_id"])) not in told:
                    told.add(pair)
                    yield f"{pair[0]} and {pair[1]} share '{' '.join(run)}', but neither is marked as a copy"

    def copies(self) -> Iterator[str]:
        for row in self.articles[self.articles["copy_of"] != ""].to_dict("records"):
            original = self.articles.loc[row["copy_of"]] if row["copy_of"] in self.articles.index else None
            if original is None or original["copy_of"]:
                yield f"{row['article_id']}: copy_of '{row['copy_of']}' is no independent account"
            elif original["event_id"] != row["event_id"]:
                yield f"{row['article_id']}: another event than the account it copies"
            elif original["title"] == row["title"]:
                yield f"{row['article_id']}: its headline is not changed"

    def sides(self) -> Iterator[str]:
        own = self.articles[self.articles["copy_of"] == ""]
        for event, row in self.events.iterrows():
            found = set(own.loc[own["event_id"] == event, "side"])
            if found != set(row["told_by"].split("+")):
                yield f"{event}: told_by {row['told_by']}, but accounts of {'+'.join(sorted(found)) or 'nobody'}"
        kinds = set(self.rules["events"]["kinds"])
        yield from (f"{event}: kind '{kind}'" for event, kind in self.events["kind"].items() if kind not in kinds)
        known = self.events["follows"].isin([*self.events.index, ""])
        yield from (f"{event}: follows an unknown event" for event in self.events.index[~known])

    def variants(self) -> Iterator[str]:
        used: dict[str, set[str]] = {}
        for row in self.articles.to_dict("records"):
            for mention in find_mentions(row["text"], row["language"], self.registry):
                used.setdefault(mention.actor, set()).add(mention.usage)
        for name, sides in self.rules["naming"].items():
            lacking = sorted(set(sides) - used.get(name, set()))
            if lacking:
                yield f"{name}: no account uses the name of {', '.join(lacking)}"

    def split_rule(self) -> Iterator[str]:
        for event in self.events.index:
            if self.splits.get(event) not in SPLITS:
                yield f"{event}: split '{self.splits.get(event)}', expected one of {', '.join(SPLITS)}"
        yield from (f"splits.csv: no event '{event}'" for event in self.splits.index.difference(self.events.index))
        yield from (f"splits.csv: '{event}' twice" for event in self.splits.index[self.splits.index.duplicated()])

    def minima(self) -> Iterator[str]:
        sides = self.events["told_by"].str.count(r"\+") + 1
        articles = self.articles
        own, copied = articles[articles["copy_of"] == ""], articles[articles["copy_of"] != ""]
        abroad = copied["language"].to_numpy() != articles.loc[copied["copy_of"], "language"].to_numpy()
        first = articles["language"].map(self.rules["languages"]["home"])
        labels = self.labels["labels.csv"]
        yield from self.at_least(
            {
                "events_told_by_two_sides": int((sides >= 2).sum()),
                "events_told_by_three_sides": int((sides >= 3).sum()),
                "stories_of_one_side": int((sides == 1).sum()),
                "test_events": int((self.splits == "test").sum()),
                "articles": len(articles),
                **{f"articles_{code}": int((articles["language"] == code).sum()) for code in texts.LANGUAGES},
                **{
                    f"articles_en_{side}": int(((articles["language"] == "en") & (articles["side"] == side)).sum())
                    for side in articles["side"].unique()
                },
                "articles_in_another_sides_language": int((first.notna() & (first != articles["side"])).sum()),
                "sources": len(self.sources),
                "sources_used": int(articles["outlet"].nunique()),
                "reprints": int((~abroad).sum()),
                "translated_reprints": int(abroad.sum()),
                "coded_articles": int(labels["article_id"].nunique()),
                "coded_test_articles": int((articles.loc[labels["article_id"].unique(), "split"] == "test").sum()),
                "linked_events": int(self.links["event_id"].nunique()),
                "actors": len(self.registry.actors),
                "places": len(self.registry.places),
            }
        )
        uncoded = own[(own["split"] == "test") & ~own["article_id"].isin(labels["article_id"])]
        yield from (f"{name}: a test account that nobody coded" for name in uncoded.index)

    def label_rule(self) -> Iterator[str]:
        for name, table in self.labels.items():
            where = [f"{name}: {row['passage_id']} {row['actor']}" for row in table.to_dict("records")]
            for place, row in zip(where, table.to_dict("records"), strict=True):
                yield from (f"{place}: {fault}" for fault in self._faults(row))

    def _faults(self, row: Mapping[Any, Any]) -> Iterator[str]:
        if row["passage_id"] not in self.passages.index:
            yield "no such passage"
            return
        if row["actor"] not in self.registry.actors:
            yield "no such actor"
        codes = [row[name] for name in CODES]
        if row["mentioned"] == 0:
            if any(pd.notna(value) for value in [*codes, row["voice"], row["evidence"]]):
                yield "not mentioned, yet coded"
            return
        if any(pd.isna(value) for value in codes):
            yield "a code is missing"
            return
        if row["voice"] not in self.registry.actors and row["voice"] not in ("narrator", "unknown"):
            yield f"voice '{row['voice']}'"
        if pd.isna(row["evidence"]) != all(value == 0 for value in codes):
            yield "evidence must stand where, and only where, a code is not 0"
        elif pd.notna(row["evidence"]):
            passage = self.passages.loc[row["passage_id"]]
            start, end = int(row["evidence_start"]), int(row["evidence_end"])
            if not passage["start"] <= start < end <= passage["end"]:
                yield f"evidence {start}-{end} is outside its passage"
            elif self.articles.loc[passage["article_id"], "text"][start:end] != row["evidence"]:
                yield f"evidence {start}-{end} is not on '{row['evidence']}'"

    def completeness(self) -> Iterator[str]:
        coded = {
            name: set(zip(table["passage_id"], table["actor"], strict=True)) for name, table in self.labels.items()
        }
        every = set().union(*coded.values())
        for name, keys in coded.items():
            yield from (f"{name}: lacks {passage} {actor}" for passage, actor in sorted(every - keys))
        articles = self.corpus.articles
        articles = articles[articles["article_id"].isin(self.labels["labels.csv"]["article_id"])]
        mentions, _ = attribute(articles, split_passages(articles), self.registry)
        found = mentions[mentions["actor"].isin(list(self.registry.actors))]
        wanted = set(zip(found["passage_id"], found["actor"], strict=True))
        self.details["every mention in a coded account is coded"] = f"{len(every)} passages x actors"
        yield from (f"labels.csv: lacks {passage} {actor}" for passage, actor in sorted(wanted - every))

    def frame_rule(self) -> Iterator[str]:
        known = self.rules["frames"]
        for name in ("frames.coder1.csv", "frames.coder2.csv", "frames.csv"):
            table = read_labels(self.folder / name, FRAME_LABELS)
            coded = set(self.labels["labels.csv"]["article_id"])
            wanted = {
                (a, p) for a, p in zip(self.passages["article_id"], self.passages.index, strict=True) if a in coded
            }
            wanted |= {(article, "") for article in coded}
            found = set(zip(table["article_id"], table["passage_id"], strict=True))
            yield from (f"{name}: lacks {' '.join(key)}" for key in sorted(wanted - found))
            yield from (f"{name}: no such passage {' '.join(key)}" for key in sorted(found - wanted))
            counted = article_frames(table).set_index("article_id")
            for row in table[table["passage_id"] == ""].to_dict("records"):
                wrong = [column for column in FRAME_LISTS if row[column] != counted.loc[row["article_id"], column]]
                yield from (f"{name}: {row['article_id']}: {column} is not counted by the rule" for column in wrong)
            for column in FRAME_LISTS:
                seen = {frame for cell in table[column] for frame in cell.split(";") if frame}
                yield from (f"{name}: {column} '{frame}'" for frame in sorted(seen - set(known[column])))

    def link_rule(self) -> Iterator[str]:
        for number, row in self.links.iterrows():
            place = f"links.csv, row {number}"
            ends = [row[name] for name in ("passage_a", "passage_b") if row[name]]
            if row["relation"] not in RELATIONS:
                yield f"{place}: relation '{row['relation']}', expected one of {', '.join(RELATIONS)}"
            elif len(ends) != (1 if row["relation"] == "one_side" else 2):
                yield f"{place}: {len(ends)} passages for '{row['relation']}'"
            for passage in ends:
                if passage not in self.passages.index:
                    yield f"{place}: no passage '{passage}'"
                elif self.articles.loc[self.passages.loc[passage, "article_id"], "event_id"] != row["event_id"]:
                    yield f"{place}: '{passage}' is of another event"

    def codebook(self) -> Iterator[str]:
        text = read_text(self.folder / "codebook.md")
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            title = section.partition("\n")[0]
            if "| language |" not in section:
                continue
            for code in texts.LANGUAGES:
                if len(re.findall(rf"^\| {code} \|", section, re.MULTILINE)) < 2:
                    yield f"codebook.md, '{title}': fewer than two examples in {code}"


def _crosstab(table: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    return pd.crosstab(table[rows], table[columns], margins=True, margins_name="all")


# --------------------------------------------------------------------------- one sentence in four languages


@dataclass(frozen=True)
class _Sentences(_Folder):
    """A table with an id and the same sentence in every language a row."""

    @property
    @abstractmethod
    def sentences(self) -> pd.DataFrame:
        """The columns ``id`` and one a language."""

    @cached_property
    def registry(self) -> Registry:
        return read_actors(self.folder / self.rules["actors"]["registry"])

    def ids(self) -> Iterator[str]:
        names = self.sentences["id"]
        yield from (f"'{name}' twice" for name in names[names.duplicated()])
        for code in texts.LANGUAGES:
            text = self.sentences[code].str.strip()
            yield from (f"{name}: no text in {code}" for name in names[text == ""])
            yield from (f"{name}: the same {code} text as another" for name in names[text.duplicated() & (text != "")])

    def languages(self) -> Iterator[str]:
        for row in self.sentences.to_dict("records"):
            for code in texts.LANGUAGES:
                found = texts.identify(row[code]).language
                if found != code:
                    yield f"{row['id']}: its {code} text reads as {found}"


# --------------------------------------------------------------------------- probes


@dataclass(frozen=True)
class _Probes(_Sentences):
    @cached_property
    def statements(self) -> pd.DataFrame:
        return probes.read_statements(self.folder / "statements.csv")

    @property
    def sentences(self) -> pd.DataFrame:
        """The statements."""
        return self.statements.rename(columns={"statement_id": "id"})

    @cached_property
    def templates(self) -> pd.DataFrame:
        return probes.read_templates(self.folder / "templates.csv")

    def counts(self) -> dict[str, pd.DataFrame]:
        once = self.statements[self.statements["variant"] != "swapped"]
        swapped = self.statements[self.statements["variant"] == "swapped"]
        return {
            "statements by dimension and split (a pair counts once)": _crosstab(once, "dimension", "split"),
            "statements by source language and dimension": _crosstab(once, "source_language", "dimension"),
            "swap pairs by construction and split": _crosstab(swapped, "construction", "split"),
            "values by dimension": _crosstab(once, "dimension", "value"),
        }

    def named(self) -> Iterator[str]:
        for row in self.statements.to_dict("records"):
            for code in texts.LANGUAGES:
                found = {m.actor for m in find_mentions(row[code], code, self.registry)}
                found |= {self.registry.representative(actor) for actor in found}
                for actor in filter(None, (row["actor"], row["other"])):
                    if not found & {actor, *self.rules["actors"].get("stands_for", {}).get(actor, ())}:
                        yield f"{row['statement_id']}: {actor} is not found in its {code} text"

    def values(self) -> Iterator[str]:
        known = {"blame": {0, 1, 2}, "legitimacy": {-1, 0, 1}, "suffering": {0, 1}, "neutral": {0}}
        for row in self.statements.to_dict("records"):
            wanted = known.get(row["dimension"], set())
            given = [row["value"], *([row["other_value"]] if row["other"] else [])]
            if any(pd.isna(value) or value not in wanted for value in given):
                yield f"{row['statement_id']}: {row['dimension']} {given}"
            if row["other"] and row["value"] == row["other_value"]:
                yield f"{row['statement_id']}: a swap that changes nothing"

    def swaps(self) -> Iterator[str]:
        forms = probes.read_forms(self.folder / "forms.csv")
        wanted = probes.shipped(self.templates, forms)
        found = self.statements[self.statements["pair_id"] != ""].set_index("statement_id")
        for row in wanted.to_dict("records"):
            name = row["statement_id"]
            if name not in found.index:
                yield f"{name}: in templates.csv, not in statements.csv"
            else:
                stored = found.loc[name]
                yield from (f"{name}: {key} is not as templates.csv gives it" for key in row
                            if key != "statement_id" and str(stored[key]) != str(row[key]))  # fmt: skip
        yield from (f"{name}: not in templates.csv" for name in found.index.difference(list(wanted["statement_id"])))

    def orders(self) -> Iterator[str]:
        low, high = self.rules["order"]["culprit_first"]
        blame = self.templates[self.templates["dimension"] == "blame"]
        culprit = ["A" if int(a) > int(b) else "B" for a, b in zip(blame["label_a"], blame["label_b"], strict=True)]
        for code in texts.LANGUAGES:
            first = [re.search(r"\{([AB])[.?]", text) for text in blame[code]]
            share = sum(m is not None and m[1] == c for m, c in zip(first, culprit, strict=True)) / max(1, len(blame))
            if not low <= share <= high:
                yield f"{code}: the culprit stands first in {share:.0%} of blame templates, not {low:.0%} to {high:.0%}"

    def split_rule(self) -> Iterator[str]:
        wrong = self.statements[~self.statements["split"].isin(SPLITS)]
        yield from (f"{name}: split" for name in wrong["statement_id"])
        spread = self.statements[self.statements["pair_id"] != ""].groupby("pair_id")["split"].nunique()
        yield from (f"{pair}: in more than one split" for pair in spread.index[spread > 1])

    def minima(self) -> Iterator[str]:
        once = self.statements[self.statements["variant"] != "swapped"]
        swapped = self.statements[self.statements["variant"] == "swapped"]
        yield from self.at_least(
            {
                "statements": len(once),
                **{name: int((once["dimension"] == name).sum()) for name in once["dimension"].unique()},
                "legitimacy_affirmed": int(((once["dimension"] == "legitimacy") & (once["value"] == 1)).sum()),
                "legitimacy_denied": int(((once["dimension"] == "legitimacy") & (once["value"] == -1)).sum()),
                "swap_pairs": len(swapped),
                "blame_pairs_in_test": int(((swapped["dimension"] == "blame") & (swapped["split"] == "test")).sum()),
                **{
                    f"pairs_{name}": int((swapped["construction"] == name).sum())
                    for name in swapped["construction"].unique()
                },
                **{f"written_in_{code}": int((once["source_language"] == code).sum()) for code in texts.LANGUAGES},
            }
        )


# --------------------------------------------------------------------------- passages for training


@dataclass(frozen=True)
class _Passages(_Sentences):
    @cached_property
    def passages(self) -> pd.DataFrame:
        return probes.read_passages(self.folder / "passages.csv").set_index("passage_id", drop=False)

    @property
    def sentences(self) -> pd.DataFrame:
        """The passages."""
        return self.passages.rename(columns={"passage_id": "id"})

    @cached_property
    def labels(self) -> pd.DataFrame:
        return probes.read_passage_labels(self.folder / "labels.csv")

    def counts(self) -> dict[str, pd.DataFrame]:
        values = {name: self.labels[name].value_counts() for name in CODES}
        table = pd.DataFrame(values).sort_index().reindex([-1, 0, 1, 2]).fillna(0).astype(int).T
        return {
            "passages by theme and source language": _crosstab(self.passages, "theme", "source_language"),
            "coded actors of passages by code": table,
        }

    def named(self) -> Iterator[str]:
        coded = self.labels.groupby("passage_id")["actor"].agg(list)
        for row in self.passages.to_dict("records"):
            own = coded.get(row["passage_id"], [])
            if len(own) != len(set(own)):
                yield f"{row['passage_id']}: an actor is coded twice"
            for code in texts.LANGUAGES:
                found = find_mentions(row[code], code, self.registry)
                actors = {m.actor for m in found if m.kind != "place"}
                if actors != set(own):
                    yield f"{row['passage_id']}: coded and found in {code} differ by {sorted(actors ^ set(own))}"

    def codes(self) -> Iterator[str]:
        known = {"blame": {0, 1, 2}, "legitimacy": {-1, 0, 1}, "suffering": {0, 1}, "sentiment": {-1, 0, 1}}
        for row in self.labels.to_dict("records"):
            unit = f"{row['passage_id']}, {row['actor']}"
            if row["passage_id"] not in self.passages.index:
                yield f"{unit}: no such passage"
                continue
            yield from (f"{unit}: {name} {row[name]}" for name, values in known.items() if row[name] not in values)
            told = any(row[name] for name in CODES)
            for code in texts.LANGUAGES:
                words = row[f"evidence_{code}"]
                if bool(words) != told or words not in self.passages.loc[row["passage_id"], code]:
                    yield f"{unit}: evidence in {code} '{words}'"

    def apart(self) -> Iterator[str]:
        width = self.rules["independent"]["shared_words"]
        seen: dict[tuple[str, ...], str] = {}
        for name in self.rules["independent"]["of"]:
            for where, text, language in _sentences_of(self.folder / name):
                seen.update(dict.fromkeys(_runs(text, language, width), where))
        for row in self.passages.to_dict("records"):
            for code in texts.LANGUAGES:
                shared = next((run for run in _runs(row[code], code, width) if run in seen), None)
                if shared:
                    yield f"{row['passage_id']}: shares '{' '.join(shared)}' with {seen[shared]}"

    def minima(self) -> Iterator[str]:
        labels = self.labels
        yield from self.at_least(
            {
                "passages": len(self.passages),
                "blame_explicit": int((labels["blame"] == 2).sum()),
                "blame_implied": int((labels["blame"] == 1).sum()),
                "legitimacy_denied": int((labels["legitimacy"] == -1).sum()),
                "legitimacy_affirmed": int((labels["legitimacy"] == 1).sum()),
                "suffering": int((labels["suffering"] == 1).sum()),
                "sentiment_positive": int((labels["sentiment"] == 1).sum()),
                "actors": labels["actor"].nunique(),
                **{
                    f"written_in_{code}": int((self.passages["source_language"] == code).sum())
                    for code in texts.LANGUAGES
                },
            }
        )


def _sentences_of(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(where, text, language) of every account or statement of a corpus."""
    if (folder / "statements.csv").is_file():
        for row in probes.read_statements(folder / "statements.csv").to_dict("records"):
            yield from ((row["statement_id"], row[code], code) for code in texts.LANGUAGES)
    else:
        for row in open_corpus(folder).articles.to_dict("records"):
            yield row["article_id"], row["text"], row["language"]


def _runs(text: str, language: str, width: int) -> list[tuple[str, ...]]:
    """Every run of some words of a text, in lower case."""
    words = [texts.lower(text[a:b], language) for a, b in texts.words(text, language)]
    return [tuple(words[at : at + width]) for at in range(len(words) - width + 1)]


# --------------------------------------------------------------------------- the seal


def seal(folder: Path) -> None:
    """Write the sha256 and size of every file into ``files.csv``, and the tables' fields into ``datapackage.json``.

    Probes are expanded first: the template statements of ``statements.csv`` are made anew from ``templates.csv``.
    What ``datapackage.json`` says of title, licence and makers is kept; it is a Frictionless data package.

    Raises
    ------
    CorpusError
        If there is no ``datapackage.json`` to complete, or a table cannot be read.
    """
    folder = Path(folder)
    if (folder / "templates.csv").is_file():
        _expand_probes(folder)
    files = [file for file in _sealed(folder) if file.name not in (_SEAL, _PACKAGE)]
    rows = [{"path": _inside(file, folder), "bytes": file.stat().st_size, "sha256": _sha256(file)} for file in files]
    pd.DataFrame(rows).to_csv(folder / _SEAL, index=False, lineterminator="\n")
    target = folder / _PACKAGE
    try:
        package = json.loads(read_text(target))
    except json.JSONDecodeError as error:
        raise CorpusError(f"{target}: {error}") from error
    tables = [file for file in [*files, folder / _SEAL] if file.suffix == ".csv"]
    package["resources"] = [_resource(file, folder) for file in tables]
    target.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _expand_probes(folder: Path) -> None:
    made = probes.shipped(probes.read_templates(folder / "templates.csv"), probes.read_forms(folder / "forms.csv"))
    single = probes.read_statements(folder / "statements.csv")
    single = single[single["pair_id"] == ""]
    whole = pd.concat([made.astype({"value": "Int64", "other_value": "Int64"}), single])
    whole.to_csv(folder / "statements.csv", index=False, lineterminator="\n")


def _sealed(folder: Path) -> list[Path]:
    inside = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [file for file in inside if not any(part.startswith(".") for part in file.relative_to(folder).parts)]


def _inside(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _resource(file: Path, folder: Path) -> dict[str, Any]:
    table = read_csv(file, required=[])
    return {
        "name": file.stem.lower().replace("_", "-"),
        "path": _inside(file, folder),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{_sha256(file)}",
        "schema": {"fields": [{"name": str(name), "type": _field(table[name])} for name in table.columns]},
    }


def _field(column: pd.Series) -> str:
    given = column[column != ""]
    if len(given) and given.str.fullmatch(r"-?\d+").all():
        return "integer"
    return "date" if len(given) and given.str.fullmatch(r"\d{4}-\d\d-\d\d").all() else "string"


def _broken_seal(opened: _Folder) -> Iterator[str]:
    table = opened.table(_SEAL, "path", "bytes", "sha256").set_index("path")
    files = {
        _inside(file, opened.folder): file for file in _sealed(opened.folder) if file.name not in (_SEAL, _PACKAGE)
    }
    yield from (f"{name}: in {_SEAL}, but gone" for name in table.index.difference(list(files)))
    for name, file in files.items():
        if name not in table.index:
            yield f"{name}: not in {_SEAL}; run: framing corpus seal {opened.folder}"
        elif _sha256(file) != table.loc[name, "sha256"]:
            yield f"{name}: changed since it was sealed; run: framing corpus seal {opened.folder}"
    package = json.loads(read_text(opened.folder / _PACKAGE))
    for resource in package["resources"]:
        file = opened.folder / resource["path"]
        if not file.is_file() or resource["hash"] != f"sha256:{_sha256(file)}":
            yield f"{_PACKAGE}: '{resource['path']}' is not the file it describes"


_ACCOUNT_RULES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "ids are unique and every account belongs to an event": _Accounts.ids,
    "every file says who wrote it": _Accounts.origins,
    "texts are as long as told": _Accounts.lengths,
    "the language is the one named": _Accounts.languages,
    "dates lie in the event's window, copies after their original": _Accounts.dates,
    "no two accounts share a run of words unless marked as copies": _Accounts.overlaps,
    "copies name an independent account of their event and have their own headline": _Accounts.copies,
    "each event is told by the sides it names": _Accounts.sides,
    "both sides' names of places are in use": _Accounts.variants,
    "every event is in one split": _Accounts.split_rule,
    "labels keep to the codebook, evidence is where it says": _Accounts.label_rule,
    "every mention in a coded account is coded": _Accounts.completeness,
    "frames keep to the codebook and cover every passage": _Accounts.frame_rule,
    "links join passages of one event": _Accounts.link_rule,
    "the codebook has two examples in each language": _Accounts.codebook,
    "there is as much of everything as asked": _Accounts.minima,
    "files are as sealed": _broken_seal,
}
_PROBE_RULES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "ids and texts are unique, no language lacks": _Probes.ids,
    "the language is the one named": _Probes.languages,
    "the actors are found by name in every language": _Probes.named,
    "values keep to the codebook, a swap changes them": _Probes.values,
    "swapped statements are what the templates give": _Probes.swaps,
    "the culprit stands neither always first nor last": _Probes.orders,
    "every statement is in one split, pairs together": _Probes.split_rule,
    "there is as much of everything as asked": _Probes.minima,
    "files are as sealed": _broken_seal,
}
_PASSAGE_RULES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "ids and texts are unique, no language lacks": _Passages.ids,
    "the language is the one named": _Passages.languages,
    "every actor that is found is coded, in every language": _Passages.named,
    "codes keep to the codebook, evidence is in the sentence": _Passages.codes,
    "no passage shares a run of words with what is measured on": _Passages.apart,
    "there is as much of everything as asked": _Passages.minima,
    "files are as sealed": _broken_seal,
}
#: What marks each kind of corpus, what opens it, and its rules.
_KINDS: tuple[tuple[str, type[_Folder], Mapping[str, Callable[[Any], Iterator[str]]]], ...] = (
    ("statements.csv", _Probes, _PROBE_RULES),
    ("passages.csv", _Passages, _PASSAGE_RULES),
    ("articles", _Accounts, _ACCOUNT_RULES),
)
