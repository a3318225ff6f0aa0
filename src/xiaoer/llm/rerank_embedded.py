"""A reranker that comes with the house: a GGUF file served by llama.cpp in a child process."""

from collections.abc import Sequence
from pathlib import Path

from xiaoer.llm.embedded import COMMAND, EmbeddedModel, ModelLoading
from xiaoer.llm.model import Health
from xiaoer.llm.rerank import RerankServer

CONTEXT_TOKENS = 1024
"""Of one question with one text."""


class EmbeddedReranker:
    """A reranker in a child process that is watched and restarted as the embedded model is."""

    def __init__(
        self,
        path: Path,
        *,
        log_path: Path,
        threads: int | None = None,
        seconds: float = 1.0,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.child = EmbeddedModel(
            path,
            log_path=log_path,
            threads=threads,
            context_tokens=CONTEXT_TOKENS,
            slots=1,
            cache_megabytes=0,
            command=command,
            reranks=True,
        )
        self._seconds = seconds
        self._server: RerankServer | None = None
        self._address: str | None = None

    @property
    def name(self) -> str:
        return self.child.name

    async def close(self) -> None:
        """End the child."""
        if self._server is not None:
            await self._server.close()
        await self.child.close()

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return await (await self._reached()).scores(question, texts)

    async def check(self) -> Health:
        if self.child.address is None:
            return await self.child.check()
        return await (await self._reached()).check()

    async def _reached(self) -> RerankServer:
        """The server of the child that runs now."""
        address = self.child.address
        if address is None:
            raise ModelLoading(f"The embedded reranker {self.name} is still loading.")
        if self._server is None or address != self._address:
            if self._server is not None:
                await self._server.close()
            self._address = address
            self._server = RerankServer(
                base_url=f"{address}/v1", name=self.name, api_key=self.child.api_key, seconds=self._seconds
            )
        return self._server
