"""What strangers write, or have on their pages, takes every pattern of the package time in proportion to its length."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("hostile_patterns.py")
HANGS_SECONDS = 1200


def slow(*given: str) -> tuple[list[dict[str, Any]], int]:
    """Those of the given patterns, or of all, that take longer and longer, and how many were tried; in a child, since
    a pattern that hangs cannot be stopped in this process.
    """
    command = [sys.executable, str(PROGRAM), *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            told = child.communicate(timeout=HANGS_SECONDS)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            told = child.communicate()[0]
    lines = [json.loads(line) for line in told.splitlines()]
    assert "patterns" in lines[-1], f"it hangs: {lines[-1]}"
    return [line for line in lines if "slow" in line], lines[-1]["patterns"]


def test_every_pattern_takes_time_in_proportion_to_the_text() -> None:
    found, tried = slow()
    assert found == []
    assert tried > 1000


def test_patterns_that_hurt_are_caught_and_their_mended_forms_are_not() -> None:
    hurting = [r"\d+kg", r"\s+and\s+", r"<loc>\s*(?:a)?\s*b", r"\w+@\w+"]
    mended = [r"(?<!\d)\d+kg", r"(?<!\s)\s+and\s+", r"<loc>\s*+(?:a)?\s*+b", r"(?<!\w)\w++@\w+"]
    found, tried = slow(*hurting, *mended)
    assert [line["slow"] for line in found] == hurting
    assert tried == len(hurting) + len(mended)
