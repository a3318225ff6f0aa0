"""No log line tells a phone number, not even the trace of a fault that a customer's words caused."""

import json

import pytest
import structlog

from xiaoer.privacy.masking import masked
from xiaoer.telemetry import configure_logging


@pytest.mark.parametrize("json_lines", [True, False])
def test_what_a_fault_quotes_is_masked(capsys: pytest.CaptureFixture[str], json_lines: bool) -> None:
    before = structlog.get_config()
    try:
        configure_logging("info", json_lines=json_lines, mask=masked)
        log = structlog.get_logger("test")
        try:
            int("call 13800138000")
        except ValueError:
            log.exception("turn.failed", text="mail me at li@example.com", count=3)
    finally:
        structlog.configure(**before)
    told = capsys.readouterr().err
    assert "13800138000" not in told
    assert "li@example.com" not in told
    assert "[phone]" in told
    assert "ValueError" in told
    if json_lines:
        assert json.loads(told)["count"] == 3
