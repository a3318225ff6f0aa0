"""The OpenAPI document is true: whatever it allows is answered as it says, and never with a fault of ours."""

import asyncio
import os

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from builders import secret_key
from xiaoer.desk.desk import Desk

EXAMPLES = int(os.environ.get("XIAOER_TEST_EXAMPLES", "0"))
"""So many requests of each kind, others at each run; without it few, and always the same ones."""
FEW = 8
ENDLESS = {"/api/v1/conversations/{conversation_id}/events"}


@pytest.fixture
async def document(served: str) -> dict[str, object]:
    async with httpx.AsyncClient(trust_env=False) as client:
        described: dict[str, object] = (await client.get(f"{served}/openapi.json")).json()
    return described


async def test_no_request_that_the_document_allows_makes_a_fault(
    served: str, desk: Desk, document: dict[str, object]
) -> None:
    # Thinking a request up may take longer than the server keeps an idle connection open.
    headers = {"Authorization": f"Bearer {await secret_key(desk)}", "Connection": "close"}
    schema = schemathesis.openapi.from_dict(document)

    def try_all() -> list[str]:
        with requests.Session() as session:
            session.trust_env = False
            return try_with(session)

    def try_with(session: requests.Session) -> list[str]:
        tried = []
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path in ENDLESS or operation.path.startswith("/console"):
                continue

            @settings(
                max_examples=EXAMPLES or FEW,
                derandomize=not EXAMPLES,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def attempt(case: schemathesis.Case) -> None:
                answer = case.call(base_url=served, headers=headers, session=session)
                case.validate_response(answer, checks=[not_a_server_error])
                if answer.status_code >= 400:
                    said = f"{case.operation.label}: {answer.status_code} {answer.text[:500]}"
                    assert set(answer.json()) >= {"error", "detail"}, said

            attempt()
            tried.append(operation.label)
        return tried

    assert len(await asyncio.to_thread(try_all)) >= 12


async def test_the_public_paths_that_outsiders_rely_on_are_all_there(document: dict[str, object]) -> None:
    paths = document["paths"]
    assert isinstance(paths, dict)
    assert set(paths) >= {
        "/api/v1/conversations",
        "/api/v1/conversations/{conversation_id}/messages",
        "/api/v1/conversations/{conversation_id}/events",
        "/api/v1/conversations/{conversation_id}/handoff",
        "/api/v1/messages/{message_id}/feedback",
        "/api/v1/knowledge/search",
        "/api/v1/knowledge/articles",
        "/api/v1/knowledge/articles/{article_id}",
        "/api/v1/knowledge/import",
        "/v1/models",
        "/v1/chat/completions",
    }
