"""Model servers to test against: real answers replayed, slow ones, broken ones."""

import asyncio
import json

import httpx

from xiaoer.llm.wire import OpenAIModel

OWNERS = {"vllm": "vllm", "ollama": "library", "llamacpp": "llamacpp", "openai": "system"}


class Slowly(httpx.AsyncByteStream):
    """Sends its lines with waits between them, and knows whether it was closed."""

    def __init__(self, body, *, waits=(), pause=0.0, then=None):
        self.parts = [part + b"\n\n" for part in body.split(b"\n\n") if part]
        self.waits = dict(waits)
        self.pause = pause
        self.then = then
        self.sent = 0
        self.closed = False

    async def __aiter__(self):
        for number, part in enumerate(self.parts):
            await asyncio.sleep(self.waits.get(number, self.pause))
            self.sent += 1
            yield part
        if self.then is not None:
            raise self.then

    async def aclose(self):
        self.closed = True


class Backend:
    """Stands in for a model server: lists its models and replays what it is given."""

    def __init__(self, *answers, server="vllm", models=("qwen3-4b-instruct-2507",)):
        self.answers = list(answers)
        self.owner = OWNERS[server]
        self.models = models
        self.asked = []
        self.listings = 0

    def __call__(self, request):
        if request.url.path == "/v1/models":
            self.listings += 1
            listed = [{"id": name, "object": "model", "created": 1, "owned_by": self.owner} for name in self.models]
            return httpx.Response(200, json={"object": "list", "data": listed})
        self.asked.append(json.loads(request.content))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, bytes):
            answer = Slowly(answer)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=answer)

    def model(self, name="qwen3-4b-instruct-2507", **options):
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return OpenAIModel(base_url="http://model.test/v1", name=name, http_client=client, **options)
