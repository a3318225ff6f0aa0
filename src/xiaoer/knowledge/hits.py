"""What a search finds, with the reasons why."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Scores:
    """Why a passage stands where it stands; `dense`, `lexical` and `boost` sum to the hit's score.

    `dense`: nearness in meaning, on the scale where unrelated texts score 0 and equal texts 1, from `cosine` (of
    question and passage) and `best` (of question and the passage's best sentence, or wording of its question).
    `lexical`: matched terms as a share (0..1) of what the question could match at best. `boost`: what being about the
    very product adds, and what the embedder takes off between two languages.
    """

    dense: float
    lexical: float
    boost: float = 0.0
    cosine: float | None = None
    best: float | None = None
    nearest: float | None = None
    """`best` on the scale of `dense`."""

    @property
    def total(self) -> float:
        return self.dense + self.lexical + self.boost

    def explained(self) -> dict[str, float]:
        """The parts by name, rounded, for staff."""
        parts = {"dense": self.dense, "lexical": self.lexical, "boost": self.boost, "cosine": self.cosine}
        parts["best_sentence"] = self.best
        return {name: round(value, 4) for name, value in parts.items() if value is not None}


@dataclass(frozen=True)
class Sentence:
    """A sentence of a found passage: `cosine` with the question (0 while it has no vector), `lexical` as in `Scores`.

    `score` is its nearness in meaning on the scale of `Scores.dense`, plus `lexical`.
    """

    text: str
    cosine: float
    lexical: float
    score: float = 0.0


@dataclass(frozen=True)
class Hit:
    """A passage that was found. `heading` is the article's title and the headings above; `sentences` are in order."""

    passage_id: uuid.UUID
    article_id: uuid.UUID
    title: str
    heading: str
    text: str
    kind: str
    locale: str
    url: str | None
    product_ids: tuple[str, ...]
    valid_to: datetime | None
    score: float
    scores: Scores
    sentences: tuple[Sentence, ...]
    key: str = ""
    """The article's."""
    named: bool = False
    """Whether the question names the product this is about; its sentences were compared with the rest of it."""
    in_focus: bool = False
    """Whether it is about the product that is asked about, whose name the question was rid of."""
    wordings: tuple[str, ...] = ()
    """Other wordings of the question that a curated answer answers."""
