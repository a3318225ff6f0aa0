"""Laws of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "xiaoer"
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
BANNED_NAMES = {"utils", "common", "core", "helpers", "services", "managers", "misc"}


def python_files() -> list[Path]:
    return sorted([*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")])


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def long_functions(source: str) -> list[str]:
    found = []
    for function in functions(ast.parse(source)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            found.append(f"{function.name} ({length} lines)")
    return found


def hidden_imports(source: str) -> list[int]:
    return [
        inner.lineno
        for function in functions(ast.parse(source))
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def imports_by_name(source: str) -> list[int]:
    """Where a module is imported by a name that is no word of the program, which no linter follows."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name | ast.Attribute)
        and (node.id if isinstance(node, ast.Name) else node.attr) in {"import_module", "__import__"}
    ]


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_its_functions_too_and_its_imports_stand_on_top(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= LONGEST_FILE
    assert long_functions(source) == []
    assert hidden_imports(source) == []


def test_only_the_command_line_imports_by_name_and_in_one_place() -> None:
    found = {path.relative_to(SOURCE): imports_by_name(path.read_text()) for path in SOURCE.rglob("*.py")}
    assert {str(path): len(lines) for path, lines in found.items() if lines} == {"cli/app.py": 1}


def test_no_drawer_for_odds_and_ends() -> None:
    assert [path for path in SOURCE.rglob("*") if path.stem in BANNED_NAMES] == []


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_a_package_says_in_one_sentence_what_lives_there(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    assert len(body) == 1
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_the_rules_themselves_catch_what_they_forbid() -> None:
    assert hidden_imports("def f():\n    import os\n") == [2]
    assert imports_by_name("import importlib\nimportlib.import_module('os')\n__import__('os')\n") == [2, 3]
    body = "".join(f"    x = {n}\n" for n in range(LONGEST_FUNCTION))
    assert long_functions(f"def f():\n{body}") == [f"f ({LONGEST_FUNCTION + 1} lines)"]


def test_no_two_test_files_share_a_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))
