"""Structured log lines and Prometheus metrics. No customer's words are logged, only ids and figures."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

WATCH_SECONDS = 0.05
STALL_SECONDS = 1.0
log = structlog.get_logger(__name__)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2, 4, 8, 16, 32)

TURNS = Counter("xiaoer_turns_total", "Turns ended, by route, outcome and language.", ("route", "outcome", "language"))
TURN_SECONDS = Histogram(
    "xiaoer_turn_seconds", "Seconds from a message to its ending event.", ("route",), buckets=SECONDS
)
FIRST_TEXT_SECONDS = Histogram(
    "xiaoer_first_text_seconds", "Seconds from a message to the first text of its answer.", ("route",), buckets=SECONDS
)
WITHHELD = Counter("xiaoer_withheld_sentences_total", "Sentences the gate withheld, by kind of claim.", ("kind",))
TOKENS = Counter("xiaoer_model_tokens_total", "Tokens of the model, by kind: prompt, cached, completion.", ("kind",))
RERANKS = Counter("xiaoer_reranks_total", "Lists of passages given to the reranker, by outcome.", ("outcome",))
RERANK_SECONDS = Histogram("xiaoer_rerank_seconds", "Seconds that the reranker took.", buckets=SECONDS)
RUNNING_TURNS = Gauge("xiaoer_running_turns", "Turns running in this process.")
LAG_SECONDS = Histogram(
    "xiaoer_event_loop_lag_seconds",
    "Seconds by which the event loop is late for what is due; all customers wait so long.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
START_SECONDS = Gauge("xiaoer_start_seconds", "Seconds that this start took, by step.", ("step",))
LIMITED = Counter("xiaoer_limited_total", "Requests answered with 429, by limit.", ("limit",))


def configure_logging(level: str, *, json_lines: bool, mask: Callable[[str], str] = str) -> None:
    """Write log lines to standard error, from `level` on; as JSON objects where a collector reads them.

    `mask` is applied to every text in them: an error may bring along what a customer wrote.
    """

    def masked(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {name: mask(value) if isinstance(value, str) else value for name, value in line.items()}

    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else _console()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # Asked for at each line, since standard error may be another one by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def _console() -> structlog.typing.Processor:
    # Plain tracebacks: the default ones show local variables, and so what customers wrote.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


async def watch_event_loop() -> None:
    """Measure, as long as this runs, how late the event loop is; what holds it up for long is told in the log."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + WATCH_SECONDS
        await asyncio.sleep(WATCH_SECONDS)
        late = max(clock() - due, 0.0)
        LAG_SECONDS.observe(late)
        if late > STALL_SECONDS:
            log.warning("event_loop.stalled", seconds=round(late, 1))


@contextmanager
def starting(step: str) -> Iterator[None]:
    """Count what is done here as a step of the start."""
    begun = time.perf_counter()
    yield
    START_SECONDS.labels(step).set(time.perf_counter() - begun)


def metrics_text(registry: CollectorRegistry = REGISTRY) -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(registry)
