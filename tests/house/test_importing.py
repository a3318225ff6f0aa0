"""Importing a module makes nothing: whoever runs one command, or one test, should not pay for all the others."""

import json
import subprocess
import sys
from pathlib import Path

from xiaoer.patterns import all_made

SOURCE = Path(__file__).parents[2] / "src"
MOST_CALLS = 500
"""Of a module's own functions while it is imported: lists of patterns and rows call a function for each."""
WATCH = """
import importlib, json, pkgutil, re._compiler, sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, sys.argv[1])
top = sys.argv[2]
home = str(Path(sys.argv[1]) / top)
work = {"compiled": [], "read": [], "calls": Counter()}
compile_pattern = re._compiler.compile

def module_behind(frame):
    # The module whose body is being run, if it is one of ours.
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_code.co_filename.removeprefix(home) if frame and frame.f_code.co_filename.startswith(home) else None

def watched(pattern, flags=0):
    frame = sys._getframe(1)
    while frame.f_globals["__name__"].partition(".")[0] == "re":
        frame = frame.f_back
    if frame.f_code.co_filename.startswith(home) and module_behind(frame):  # the routes of a web framework are its own
        work["compiled"].append([module_behind(frame), str(pattern)])
    return compile_pattern(pattern, flags)

def opened(event, arguments):
    if event == "open" and str(arguments[0]).startswith(home):
        if not str(arguments[0]).endswith((".py", ".pyc")) and Path(str(arguments[0])).suffix:
            work["read"].append(str(arguments[0]).removeprefix(home))

def called(frame, event, argument):
    if event == "call" and frame.f_code.co_filename.startswith(home) and frame.f_code.co_name != "<module>":
        if behind := module_behind(frame):
            work["calls"][behind] += 1

re._compiler.compile = watched
sys.addaudithook(opened)
sys.setprofile(called)
package = importlib.import_module(top)
for module in pkgutil.walk_packages(package.__path__, f"{top}."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        importlib.import_module(module.name)
sys.setprofile(None)
print(json.dumps(work))
"""


def work_of_importing(folder: Path, package: str) -> dict[str, list[list[str]] | list[str] | dict[str, int]]:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCH, str(folder), package], capture_output=True, text=True, check=True
    )
    return json.loads(told.stdout)


def test_importing_compiles_no_pattern_reads_no_table_and_calls_little() -> None:
    work = work_of_importing(SOURCE, "xiaoer")
    assert work["compiled"] == []
    assert work["read"] == []
    assert {module: calls for module, calls in work["calls"].items() if calls > MOST_CALLS} == {}


def test_work_at_import_is_seen(tmp_path: Path) -> None:
    package = tmp_path / "busy"
    package.mkdir()
    (package / "words.txt").write_text("one two")
    (package / "__init__.py").write_text("")
    (package / "work.py").write_text(
        "import re\nfrom pathlib import Path\n"
        "WORDS = re.compile('one|two')\n"
        "TEXT = Path(__file__).with_name('words.txt').read_text()\n"
        "def double(n): return 2 * n\n"
        f"DOUBLED = [double(n) for n in range({MOST_CALLS + 1})]\n"
    )
    work = work_of_importing(tmp_path, "busy")
    assert work["compiled"] == [["/work.py", "one|two"]]
    assert work["read"] == ["/words.txt"]
    assert work["calls"]["/work.py"] > MOST_CALLS


def test_what_is_made_when_first_used_can_be_made() -> None:
    assert len(all_made()) > 500
