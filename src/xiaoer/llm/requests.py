"""From what is to be said and a family's facts to the fields of one request; pure."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from xiaoer.llm.dialects import Dialect
from xiaoer.llm.messages import Generation, Message, ToolRequest, ToolSpec
from xiaoer.llm.profiles import Profile, Sampling

LAST_REQUEST: Final = MappingProxyType({"Connection": "close"})
"""Headers that let the server close the connection after its answer."""


def chat_fields(
    messages: Sequence[Message], generation: Generation, *, profile: Profile, dialect: Dialect
) -> dict[str, Any]:
    """Return the arguments of a chat completion, with what only this server knows under `extra_body`."""
    thinks = profile.thinks(wanted=generation.thinking)
    sampling = profile.thinking_sampling if thinks else None
    fields: dict[str, Any] = {
        "messages": template_ready(switched_softly(messages, generation, profile, dialect), profile),
        "max_tokens": generation.max_tokens + (generation.thinking_tokens if thinks else 0),
        "temperature": generation.temperature if sampling is None else sampling.temperature,
        "top_p": generation.top_p if sampling is None else sampling.top_p,
    }
    if generation.frequency_penalty:
        fields["frequency_penalty"] = generation.frequency_penalty
    if generation.presence_penalty:
        fields["presence_penalty"] = generation.presence_penalty
    if generation.stop:
        fields["stop"] = list(generation.stop)
    if generation.seed is not None:
        fields["seed"] = generation.seed
    if generation.json_schema is not None:
        fields["response_format"] = schema_format(generation.json_schema)
    if generation.tools:
        fields["tools"] = [_tool(spec) for spec in generation.tools]
    fields["extra_body"] = _extra(generation, sampling, profile=profile, dialect=dialect)
    if not dialect.keeps_connections:
        fields["extra_headers"] = LAST_REQUEST
    return fields


def _tool(spec: ToolSpec) -> dict[str, Any]:
    function = {"name": spec.name, "description": spec.description, "parameters": spec.parameters}
    return {"type": "function", "function": function}


def schema_format(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the `response_format` that lets only JSON of the schema through."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def template_ready(messages: Sequence[Message], profile: Profile) -> list[dict[str, Any]]:
    """Return wire messages that every chat template takes: alternating roles, no system where it is unknown."""
    merged: list[dict[str, Any]] = []
    for message in messages:
        role = "user" if message.role == "system" and not profile.system_role else message.role
        if role == "tool":
            merged.append({"role": role, "tool_call_id": message.answers, "content": message.content})
        elif message.requests:
            calls = [_call(request) for request in message.requests]
            merged.append({"role": role, "content": message.content, "tool_calls": calls})
        elif merged and merged[-1]["role"] == role and "tool_calls" not in merged[-1]:
            merged[-1]["content"] += "\n\n" + message.content
        else:
            merged.append({"role": role, "content": message.content})
    return merged


def _call(request: ToolRequest) -> dict[str, Any]:
    function = {"name": request.name, "arguments": request.arguments}
    return {"id": request.id, "type": "function", "function": function}


def switched_softly(
    messages: Sequence[Message], generation: Generation, profile: Profile, dialect: Dialect
) -> Sequence[Message]:
    """Say it in the last message whether to think, where the server offers no other switch."""
    switchable = dialect.template_kwargs or dialect.effort_switches_thinking
    if profile.soft_switch is None or switchable or not messages or messages[-1].role != "user":
        return messages
    word = profile.soft_switch[0 if generation.thinking else 1]
    return [*messages[:-1], Message("user", f"{messages[-1].content} {word}")]


def thinking_switch(profile: Profile, dialect: Dialect, *, thinking: bool) -> dict[str, Any]:
    """Return the fields that switch a hybrid family's thinking at this server."""
    if profile.thinking != "hybrid":
        return {}
    if dialect.effort_switches_thinking:
        return {"reasoning_effort": "medium" if thinking else "none"}
    if dialect.template_kwargs and profile.template_switch is not None:
        return {"chat_template_kwargs": {profile.template_switch: thinking}}
    if dialect.server == "openai" and profile.hosted_switch == "enable_thinking":
        return {"enable_thinking": thinking}
    if dialect.server == "openai" and profile.hosted_switch == "thinking.type":
        return {"thinking": {"type": "enabled" if thinking else "disabled"}}
    return {}


def _extra(generation: Generation, sampling: Sampling | None, *, profile: Profile, dialect: Dialect) -> dict[str, Any]:
    extra = thinking_switch(profile, dialect, thinking=generation.thinking)
    if dialect.penalty_field is not None and generation.repetition_penalty != 1.0:
        extra[dialect.penalty_field] = generation.repetition_penalty
    if dialect.more_sampling and sampling is not None:
        extra |= {
            name: value for name, value in (("top_k", sampling.top_k), ("min_p", sampling.min_p)) if value is not None
        }
    if dialect.server == "llamacpp":
        extra["cache_prompt"] = True
    return extra
