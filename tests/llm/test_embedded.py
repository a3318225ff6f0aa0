import asyncio
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from xiaoer.llm.cores import physical_cores
from xiaoer.llm.embedded import EmbeddedModel, ModelLoading
from xiaoer.llm.messages import Finished, Generation, Message, TextDelta
from xiaoer.llm.model import ModelBusy
from xiaoer.llm.patience import Timeouts
from xiaoer.llm.rerank_embedded import EmbeddedReranker

HELLO = [Message("user", "Hello")]
STANDIN = (sys.executable, str(Path(__file__).parent / "standin_child.py"))
PATIENT = Timeouts(first_token_seconds=60, between_tokens_seconds=60, whole_seconds=120)


def standin(tmp_path, **options):
    return EmbeddedModel(
        tmp_path / "small.gguf", log_path=tmp_path / "model.log", command=STANDIN, pause_seconds=0.01, **options
    )


async def heard(model):
    events = [event async for event in model.stream(HELLO, Generation(max_tokens=12))]
    assert isinstance(events[-1], Finished)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def has_ended(process_id):
    """A zombie has ended too."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def gone(process_id):
    for _ in range(200):
        if has_ended(process_id):
            return True
        await asyncio.sleep(0.05)
    return False


async def another_child(model, process_id):
    async with asyncio.timeout(30):
        while model.process_id in (None, process_id):  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.02)


async def test_it_says_that_it_is_loading_and_then_answers(tmp_path):
    async with standin(tmp_path) as model:
        with pytest.raises(ModelLoading):
            await heard(model)
        assert not (await model.check()).ok
        assert await model.wait_until_ready(seconds=20)
        assert await heard(model) == "Yes, 14 days."
        assert (await model.check()).ok


async def test_a_killed_child_is_started_again(tmp_path):
    async with standin(tmp_path) as model:
        await model.wait_until_ready(seconds=20)
        killed = model.process_id
        os.kill(killed, signal.SIGKILL)
        await another_child(model, killed)
        assert await heard(model) == "Yes, 14 days."


async def test_beginnings_are_computed_in_every_slot_and_again_after_a_restart(tmp_path):
    async def warmed(lines):
        async with asyncio.timeout(20):
            while (tmp_path / "model.log").read_text().splitlines() != lines:  # noqa: ASYNC110  a file tells of it
                await asyncio.sleep(0.02)

    once = ["slot 0: Rules.", "slot 1: Rules."]
    async with standin(tmp_path, slots=2) as model:
        model.keep_warm([[Message("system", "Rules.")]])
        await model.wait_until_ready(seconds=20)
        await warmed(once)
        killed = model.process_id
        os.kill(killed, signal.SIGKILL)
        await another_child(model, killed)
        await warmed(once * 2)


async def test_closing_ends_the_child(tmp_path):
    model = standin(tmp_path)
    async with model:
        await model.wait_until_ready(seconds=20)
        process_id = model.process_id
    assert await gone(process_id)
    with pytest.raises(ModelLoading):
        await heard(model)


async def test_more_than_it_can_serve_is_refused_at_once(tmp_path):
    async with standin(tmp_path, slots=1, waiting=1) as model:
        await model.wait_until_ready(seconds=20)
        async with (
            aclosing(model.stream(HELLO, Generation())) as one,
            aclosing(model.stream(HELLO, Generation())) as two,
        ):
            await anext(one)
            await anext(two)
            with pytest.raises(ModelBusy):
                await heard(model)
        assert await heard(model) == "Yes, 14 days."


async def test_a_file_that_is_no_model_is_told_in_words_and_in_the_log(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"this is no model" * 100)
    model = EmbeddedModel(broken, log_path=tmp_path / "logs" / "model.log", pause_seconds=0.01)
    async with model:
        assert not await model.wait_until_ready(seconds=0.01)
        async with asyncio.timeout(60):
            while "cannot be loaded" not in (await model.check()).detail:  # noqa: ASYNC110  no event tells of it
                await asyncio.sleep(0.05)
    assert (tmp_path / "logs" / "model.log").stat().st_size > 0


async def test_a_log_that_has_grown_long_is_begun_anew(tmp_path):
    (tmp_path / "model.log").write_bytes(b"x" * 5_000_001)
    async with standin(tmp_path) as model:
        await model.wait_until_ready(seconds=20)
    assert (tmp_path / "model.log").stat().st_size < 1000


def test_threads_of_one_core_count_once_and_a_containers_share_limits(tmp_path):
    for number in range(256):
        folder = tmp_path / f"cpu{number}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text("0-255\n")
    assert physical_cores(cpus=tmp_path) == 1
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert physical_cores(cpus=Path("/nowhere"), quota=tmp_path / "cpu.max") == 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert physical_cores(cpus=Path("/nowhere"), quota=tmp_path / "cpu.max") == len(os.sched_getaffinity(0))


async def test_a_reranker_is_served_the_same_way_and_reached_again_after_its_child_was_killed(tmp_path):
    reranker = EmbeddedReranker(tmp_path / "small.gguf", log_path=tmp_path / "reranker.log", command=STANDIN)
    with pytest.raises(ModelLoading):
        await reranker.scores("退货", ["短", "长一些"])
    async with reranker.child as child:
        assert await child.wait_until_ready(seconds=30)
        assert await reranker.scores("退货", ["短", "长一些"]) == [1, 3]
        killed = child.process_id
        os.kill(killed, signal.SIGKILL)
        await another_child(child, killed)
        assert await reranker.scores("退货", ["短", "长一些"]) == [1, 3]
        await reranker.close()


@pytest.mark.model
async def test_llama_cpp_scores_texts_when_told_to_rerank(real_model, tmp_path):
    # No reranker's weights are to be had here: another model's scores mean nothing, but they come as a reranker's do.
    reranker = EmbeddedReranker(real_model, log_path=tmp_path / "reranker.log", seconds=60)
    async with reranker.child as child:
        assert await child.wait_until_ready(seconds=120)
        assert len(await reranker.scores("退货运费谁出", ["退货运费由买家承担。", "48 小时内发货。"])) == 2
        await reranker.close()


@pytest.mark.model
async def test_the_real_model_answers_chooses_and_comes_back_after_a_kill(real_model, tmp_path):
    async with EmbeddedModel(real_model, log_path=tmp_path / "model.log", timeouts=PATIENT) as model:
        assert await model.wait_until_ready(seconds=120)
        assert await heard(model)
        asked = [Message("user", "1: Paris 2: banana. Which one is a city? Answer with its number only.")]
        assert len(await model.choose(asked, ["1", "2"])) == 2
        killed = model.process_id
        os.kill(killed, signal.SIGKILL)
        await another_child(model, killed)
        assert await heard(model)


PARENT = """
import asyncio, sys
from pathlib import Path
from xiaoer.llm.embedded import EmbeddedModel

async def main():
    async with EmbeddedModel(Path(sys.argv[1]), log_path=Path(sys.argv[2])) as model:
        await model.wait_until_ready(seconds=120)
        print(model.process_id, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.model
async def test_the_child_ends_when_its_parent_is_killed(real_model, tmp_path):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(real_model), str(tmp_path / "model.log"), stdout=asyncio.subprocess.PIPE
    )
    process_id = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    assert await gone(process_id)
