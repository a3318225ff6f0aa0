"""Danger to life or health is noticed by a list or by likeness to examples; what only sounds like it is not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from xiaoer.assistant import safety
from xiaoer.assistant.understanding import danger_learnt
from xiaoer.assistant.understanding.danger import EXAMPLES, Danger, DangerDetector, examples, in_list
from xiaoer.assistant.understanding.danger_learnt import HARMLESS, KINDS, SUPPOSED
from xiaoer.bench.danger import measure
from xiaoer.knowledge.embedding import BundledEmbedder, EmbedderUnavailable
from xiaoer.language.phrases import languages
from xiaoer.stores import Profile

EVALS = Path(__file__).parents[2] / "evals"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EVALS / name).read_text(encoding="utf-8").splitlines()]


class AwayEmbedder(BundledEmbedder):
    """A server that does not answer."""

    name = "away"

    def __init__(self) -> None:
        pass

    async def query(self, text: str) -> NDArray[np.float32]:
        raise EmbedderUnavailable(f"Nobody embeds {text!r}.")


@pytest.fixture(scope="module")
def detector(embedder: BundledEmbedder) -> DangerDetector:
    return DangerDetector(embedder)


async def test_of_wordings_kept_aside_nearly_all_are_noticed_and_hardly_a_product_question_alarms(
    embedder: BundledEmbedder, tmp_path: Path
) -> None:
    kept = [row for row in rows("danger.jsonl") if row["split"] == "held-out"]
    path = tmp_path / "kept.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in kept), encoding="utf-8")
    figures = (await measure(path, embedder))["held-out"]
    assert figures["dangers"] == 120
    assert int(figures["noticed"].partition(",")[0]) / 120 >= 0.98
    assert int(figures["false alarms"].partition(",")[0]) / figures["harmless"] <= 0.02


def test_no_wording_kept_for_measuring_is_learnt() -> None:
    measured = {row["text"] for row in rows("danger.jsonl") if row["split"] != "train"}
    measured |= {row["text"] for row in rows("danger-fresh.jsonl")}
    assert not measured & {text for texts in examples().values() for text in texts}


def test_what_comes_with_the_package_was_learnt_from_the_examples_in_it() -> None:
    learnt = danger_learnt.packaged()
    assert learnt.embedder == BundledEmbedder.name
    assert learnt.examples == danger_learnt.digest(EXAMPLES), "run `xiaoer bench danger evals/danger.jsonl --fit`"


def test_there_are_examples_of_every_kind() -> None:
    assert set(EXAMPLES) == {*KINDS, SUPPOSED, HARMLESS}


async def test_another_embedder_learns_from_the_examples_when_it_is_first_asked() -> None:
    class Letters(BundledEmbedder):
        """Likeness by letters alone."""

        name = "letters"

        def __init__(self) -> None:
            pass

        async def query(self, text: str) -> NDArray[np.float32]:
            counts = np.bincount([ord(letter) % 64 for letter in text], minlength=64).astype(np.float32)
            return counts / max(float(np.linalg.norm(counts)), 1.0)

    found = await DangerDetector(Letters()).find(EXAMPLES["battery"][0] + "。")
    assert found is not None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("充电器着火了！！！插座都烧黑了", "fire"),
        ("吹風機用著用著冒白煙了", "smoke"),
        ("there's a strong smell of gas from the stove", "gas"),
        ("My baby swallowed the button battery.", "swallowed"),
        ("máy giặt bị rò điện, sờ vào tê tay", "shock"),
        ("แบตมือถือบวมจนดันจอออกมา", "battery"),
        ("やけどしました", "burn"),
        ("식중독에 걸렸어요", "poisoning"),
        ("не хочу жить", "self_harm"),
        ("me salió un sarpullido, no puedo respirar", "allergy"),
        ("j'ai pris un choc électrique", "shock"),
        ("der Akku ist aufgebläht", "battery"),
        ("meu filho engoliu uma pilha", "swallowed"),
        ("charger terbakar", "fire"),
        ("bateri telefon saya kembung", "battery"),
        ("انفجر الشاحن", "fire"),
    ],
)
async def test_the_list_serves_while_the_embedder_is_away(text: str, kind: str) -> None:
    found = await DangerDetector(AwayEmbedder()).find(text)
    assert found is not None
    assert (found.kind, found.supposed) == (kind, False)


@pytest.mark.parametrize(
    "text",
    [
        "防漏电保护怎么样",
        "这个会不会漏电",
        "这个窗帘防火吗",
        "插排防触电吗",
        "烟机噪音大不大",
        "does it have overheat protection",
        "how much is the fire stick",
        "smoke detector price",
        "killer price!",
        "vải này có chống cháy không",
        "ปลั๊กกันไฟดูดไหมคะ",
        "火災報知器はありますか",
    ],
)
async def test_a_product_question_is_no_danger(detector: DangerDetector, text: str) -> None:
    assert await detector.find(text) is None


async def test_a_danger_in_the_middle_of_a_long_story_is_noticed(detector: DangerDetector) -> None:
    story = "我上个月买了你们的取暖器。" + "包装很好，物流也快，家里人都夸。" * 40
    found = await detector.find(f"{story}昨晚正看电视呢，它突然蹿出火苗，沙发都烧着了。{'后来我们就没再用。' * 20}")
    assert found is not None
    assert found.kind == "fire"


@pytest.mark.parametrize(
    "text", ["如果以后冒烟了怎么办", "What should I do if it ever catches fire?", "nếu pin bị phồng thì làm sao"]
)
async def test_what_is_only_supposed_is_told_apart(detector: DangerDetector, text: str) -> None:
    found = await detector.find(text)
    assert found is not None
    assert found.supposed


@pytest.mark.parametrize(
    "text",
    [
        "Se me hinchó la cara con la crema",
        "розетка вдруг загорелась",
        "敷完以后脸肿了",
        "赤ちゃんが電池を飲んだかもしれない",
        "I don't know if he swallowed the battery",
    ],
)
async def test_what_happened_is_not_taken_for_supposed_by_a_word_that_also_means_if(
    detector: DangerDetector, text: str
) -> None:
    found = await detector.find(text)
    assert found is not None
    assert not found.supposed


@pytest.mark.parametrize(
    "text",
    ["krim luka bakar ukuran 20 gram ada?", "get well gift for a friend in hospital", "誤飲防止の丸い筒はいくら"],
)
async def test_the_examples_overrule_the_list_where_they_are_sure_of_no_danger(
    detector: DangerDetector, text: str
) -> None:
    assert in_list(text) is not None
    assert await detector.find(text) is None


async def test_who_makes_their_life_a_condition_is_believed(detector: DangerDetector) -> None:
    found = await detector.find("如果不退钱我就自杀")
    assert found is not None
    assert (found.kind, found.supposed) == ("self_harm", False)


async def test_the_gravest_of_several_counts_and_what_is_there_before_what_is_supposed(
    detector: DangerDetector,
) -> None:
    found = await detector.find("Charger started smoking. If it explodes I will sue. My son swallowed a piece of it.")
    assert found is not None
    assert (found.kind, found.supposed) == ("swallowed", False)


async def test_words_the_shop_has_muted_are_no_danger() -> None:
    away = DangerDetector(AwayEmbedder())
    assert await away.find("上次那款爆炸了")
    assert await away.find("上次那款爆炸了", off=["爆炸"]) is None
    assert await away.find("The crowd was on Fire", off=["fire"]) is None


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_safety_line_in_every_language(language: str, kind: Any) -> None:
    nowhere, china = (safety.line(Profile(region=region), language, kind) for region in ("nowhere", "CN"))
    assert min(len(nowhere), len(china)) > 40
    assert "{" not in nowhere + china


def test_numbers_are_those_of_where_the_customer_is_likely_to_be() -> None:
    shop = Profile(region="CN")
    assert "中国电话：火警 119。" in safety.line(shop, "zh", "gas")
    assert "Numbers in China: ambulance 120." in safety.line(shop, "en", "burn")
    assert "Việt Nam" in safety.line(shop, "vi", "fire")
    assert "114" in safety.line(shop, "vi", "fire")
    assert "心理援助 12356、急救 120" in safety.line(shop, "zh", "self_harm")
    assert "Notrufnummer an Ihrem Ort" in safety.line(Profile(region="Mars"), "de", "shock")


def test_a_shops_own_text_takes_the_place_of_ours_in_its_language() -> None:
    shop = Profile(region="CN", safety={"gas": {"zh": "请拨打我们的抢修电话 400-1。"}})
    assert safety.line(shop, "zh", "gas") == "请拨打我们的抢修电话 400-1。"
    assert "119" in safety.line(shop, "en", "gas")


def test_what_was_found_is_told_with_what_showed_it() -> None:
    assert in_list("My charger just exploded!") == Danger("fire", "list: charger just exploded")
