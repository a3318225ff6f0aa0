"""What could not be imported is told in the reader's language."""

import ast
from pathlib import Path

from xiaoer import knowledge
from xiaoer.knowledge.reading import cells
from xiaoer.web.console.render import Words
from xiaoer.web.console.told import told

RAISED = {"Unreadable", "NotTaken", "NotFetched"}
NAMED = {"reason", "remedy", "_AS_PDF", "_REFUSED"}


def texts(node: ast.AST) -> list[str]:
    """The sentences below a node, with a number in each of their places."""
    if isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values]
        text = "".join(parts)
        return [text] if " " in text else []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and " " in node.value else []
    return [text for each in ast.iter_child_nodes(node) for text in texts(each)]


def said_of_files() -> list[str]:
    found: list[str] = []
    folder = Path(knowledge.__file__).parent
    for path in [*folder.joinpath("reading").glob("*.py"), folder / "fetching.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                found += [text for argument in node.args for text in texts(argument)]
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id in NAMED for target in targets):
                    found += texts(node.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    found += texts(value) if isinstance(key, ast.Constant) and key.value in NAMED else []
    return found


def test_every_reason_that_reading_gives_has_words_in_chinese() -> None:
    found = set(said_of_files())
    assert len(found) > 80
    assert [text for text in sorted(found) if told(Words("zh"), text) == text] == []
    assert [text for text in sorted(found) if told(Words("en"), text) != text] == []


def test_cells_that_could_not_be_read_are_named_in_the_readers_language() -> None:
    zh = Words("zh")
    findings = {"picture": ["B2", "B3"], "error": ["C4 #N/A"], "formula": ["D5"]}
    notes = list(cells.problems(findings))
    assert told(zh, notes[0]) == "图片读不了，这些单元格按空白处理：B2, B3"
    assert told(zh, f"运费: {notes[1]}") == "运费：这些单元格是错误值，按空白处理：C4 #N/A"
    assert told(zh, f"table 2: {notes[2]}").startswith("第 2 个表：这些单元格的公式还没有算出结果")
    assert [told(Words("en"), note) for note in notes] == notes
