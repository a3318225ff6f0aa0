"""What an operator sets, by environment variable or `.env`: XIAOER_…, nested by `__`.

What a shopkeeper changes while the desk runs (tone, hours, hand-over rules) is data in the database instead.
"""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from xiaoer.patterns import lazy

ORIGIN = lazy(r"^[a-z][a-z0-9+.-]*://[^\s/,]+", re.IGNORECASE)
FALLBACK = lazy(r"https?://[^\s#]+(#\S+)?")


def _listed(value: Any) -> Any:
    """A list as an operator writes it: with commas, or as JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError as error:
            message = "is no JSON list; write the entries with commas between them"
            raise ValueError(message) from error
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _origins(given: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(each.rstrip("/") for each in given)
    for each in found:
        if each != "*" and not ORIGIN.fullmatch(each):
            message = (
                f"“{each}” is no site. Write them like https://shop.example,https://www.shop.example, or * for all"
            )
            raise ValueError(message)
    return found


def _fallbacks(given: tuple[str, ...]) -> tuple[str, ...]:
    for each in given:
        if not FALLBACK.fullmatch(each):
            message = f"“{each}” is no server with a model. Write URL#name, such as http://b/v1#qwen3"
            raise ValueError(message)
    return given


_Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


def default_data_dir() -> Path:
    """Where embedded parts live unless told otherwise.

    As root it is /var/lib/xiaoer: the embedded PostgreSQL then runs as a system user that cannot enter root's home.
    """
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/xiaoer")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "xiaoer"


class ModelSettings(BaseModel):
    """The language model server; without a base URL the embedded llama.cpp runs."""

    model_config = ConfigDict(frozen=True)

    base_url: str | None = Field(
        None, description="Address of an OpenAI-compatible server, such as http://gpu:8000/v1."
    )
    name: str | None = Field(
        None, description="Model name at that server, or of a model in the catalogue when embedded."
    )
    api_key: SecretStr | None = Field(None, description="Key for that server.")
    path: Path | None = Field(None, description="A GGUF file on disk for the embedded server; wins over the catalogue.")
    fallbacks: Annotated[_Listed, AfterValidator(_fallbacks)] = Field(
        (),
        description="Further servers tried in order when the first fails, each as URL#name, with commas between them, "
        "such as http://b/v1#qwen3,http://c/v1#glm.",
    )
    server: Literal["auto", "vllm", "ollama", "llamacpp", "sglang", "openai"] = Field(
        "auto", description="Which dialect the server speaks for switching thinking; auto asks it."
    )
    enabled: bool = Field(True, description="False runs without any model: curated and extracted answers only.")
    first_token_seconds: float = Field(8.0, gt=0, description="Seconds to wait for the first token.")
    between_tokens_seconds: float = Field(5.0, gt=0, description="Seconds to wait between two tokens.")
    whole_seconds: float = Field(60.0, gt=0, description="Seconds a whole answer may take.")
    threads: int | None = Field(None, ge=1, description="Threads of the embedded model; none: the physical cores.")
    context_tokens: int = Field(4096, ge=512, description="Context length of the embedded model, in tokens per slot.")


class EmbeddingSettings(BaseModel):
    """The embedding server; without a base URL the bundled multilingual model runs in this process."""

    model_config = ConfigDict(frozen=True)

    base_url: str | None = Field(None, description="Address of an OpenAI-compatible /v1/embeddings server.")
    name: str | None = Field(None, description="Model name at that server.")
    api_key: SecretStr | None = Field(None, description="Key for that server.")
    dimensions: int | None = Field(
        None, ge=8, le=4000, description="Length of that model's vectors; none: as it answers."
    )
    query_prefix: str = Field("", description="What the model wants before a question, such as 'query: '.")
    passage_prefix: str = Field("", description="What the model wants before a passage, such as 'passage: '.")


class RerankSettings(BaseModel):
    """The reranker; without a base URL and a name passages stay in the order in which they were found."""

    model_config = ConfigDict(frozen=True)

    base_url: str | None = Field(
        None,
        description="Address of a rerank server (vLLM, TEI, Infinity, llama.cpp, Jina, Cohere), such as "
        "http://gpu:8001/v1; the form it speaks is found out.",
    )
    name: str | None = Field(
        None, description="Model name at that server; without a server, a reranker of the catalogue to run embedded."
    )
    api_key: SecretStr | None = Field(None, description="Key for that server.")
    seconds: float = Field(
        0.8, gt=0, description="Seconds that scoring may take; after that the passages stay as they were found."
    )


class SMTPSettings(BaseModel):
    """The mail server for notices; without a host no mail is sent."""

    model_config = ConfigDict(frozen=True)

    host: str | None = Field(None, description="Mail server, such as smtp.example.com.")
    port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is protected.")
    user: str | None = Field(None, description="User name there, if it asks for one.")
    password: SecretStr | None = Field(None, description="Password there.")
    sender: str = Field("xiaoer@localhost", description="Address that letters come from.")
    seconds: float = Field(20.0, gt=0, description="Seconds to wait for the mail server.")


class Settings(BaseSettings):
    """All settings of one Xiaoer process; every default works on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix="XIAOER_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(default_factory=default_data_dir, description="Folder of everything embedded.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL with pgvector; none: the embedded one.")
    redis_url: SecretStr | None = Field(
        None, description="Redis for live events and limits between several processes; none: memory."
    )
    public_url: str | None = Field(None, description="The address customers see, such as https://help.example.com.")
    cors_origins: Annotated[_Listed, AfterValidator(_origins)] = Field(
        ("*",),
        description="Sites whose pages may call the public API, with commas between them, such as "
        "https://shop.example,https://www.shop.example; * means all.",
    )
    messages_per_minute: int = Field(20, ge=1, description="Messages a customer may send per minute.")
    conversations_per_minute: int = Field(30, ge=1, description="Conversations one address may open per minute.")
    attachment_megabytes: int = Field(10, ge=1, le=100, description="Largest file in a conversation, in MB.")
    upload_megabytes: int = Field(20, ge=1, description="Largest file that can be imported, in MB.")
    allow_private_urls: bool = Field(
        False, description="Whether pages and shops' systems at private addresses may be reached, also by plain http."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Key that locks stored secrets, as `openssl rand -base64 32` prints it; several by commas: the "
        "first locks, all open. None: the file secret.key in the data folder.",
    )
    mcp_commands: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description='Programs that speak MCP which a store may link to by name, as JSON: {"erp": ["erp-mcp", "-v"]}.',
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_json: bool = Field(False, description="Whether log lines are JSON objects.")
    model: ModelSettings = ModelSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    rerank: RerankSettings = RerankSettings()
    smtp: SMTPSettings = SMTPSettings()
