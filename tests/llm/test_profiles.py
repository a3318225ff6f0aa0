import pytest

from xiaoer.llm.dialects import DIALECTS, dialect_signed
from xiaoer.llm.messages import Generation, Message
from xiaoer.llm.profiles import DEFAULT, PROFILES, profile_of
from xiaoer.llm.requests import chat_fields, thinking_switch


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3-instruct-2507"),
        ("Qwen/Qwen3-4B-Thinking-2507", "qwen3-thinking"),
        ("qwen3:14b", "qwen3"),
        ("Qwen/Qwen3-14B-AWQ", "qwen3"),
        ("Qwen3.5-9B", "qwen3.5"),
        ("qwen2.5-coder-0.5b-instruct-q4_k_m", "qwen2.5"),
        ("qwen2.5:0.5b", "qwen2.5"),
        ("qwen-plus", "qwen-hosted"),
        ("deepseek-r1:1.5b", "deepseek-r1"),
        ("DeepSeek-R1-Distill-Qwen-7B", "deepseek-r1"),
        ("deepseek-chat", "deepseek"),
        ("zai-org/GLM-4.5-Air", "glm"),
        ("glm4:9b", "glm-4"),
        ("meta-llama/Llama-3.2-3B-Instruct", "llama"),
        ("google/gemma-2-2b-it", "gemma-2"),
        ("gemma3:4b", "gemma"),
        ("openai/gpt-oss-20b", "gpt-oss"),
        ("acme-reasoner", "other-thinking"),
    ],
)
def test_a_family_is_known_by_the_name_of_its_models(name, family):
    assert profile_of(name).family == family


def test_an_unknown_name_gets_the_default():
    assert profile_of("qw") is DEFAULT


def test_every_family_is_named_once_and_says_what_it_may_be_used_for():
    assert len({profile.family for profile in PROFILES}) == len(PROFILES)
    assert all(profile.context_tokens >= 8192 and profile.licence for profile in PROFILES)


def fields(name, server, *, messages=None, **generation):
    asked = messages or [Message("system", "Rules."), Message("user", "Hi")]
    return chat_fields(asked, Generation(**generation), profile=profile_of(name), dialect=DIALECTS[server])


@pytest.mark.parametrize(
    ("name", "server", "expected"),
    [
        ("qwen3:8b", "vllm", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("qwen3:8b", "sglang", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("qwen3:8b", "llamacpp", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("qwen3:8b", "ollama", {"reasoning_effort": "none"}),
        ("qwen3:8b", "openai", {"enable_thinking": False}),
        ("glm-4.6", "openai", {"thinking": {"type": "disabled"}}),
        ("deepseek-v3.1", "vllm", {"chat_template_kwargs": {"thinking": False}}),
        ("qwen2.5:7b", "vllm", {}),
        ("gpt-4o", "openai", {}),
    ],
)
def test_thinking_is_switched_off_the_way_the_server_knows(name, server, expected):
    assert thinking_switch(profile_of(name), DIALECTS[server], thinking=False) == expected


def test_thinking_is_switched_on_with_room_for_it_and_the_makers_sampling():
    made = fields("qwen3:8b", "vllm", thinking=True, max_tokens=200, thinking_tokens=500, temperature=0.0)
    assert made["extra_body"]["chat_template_kwargs"] == {"enable_thinking": True}
    assert (made["max_tokens"], made["temperature"]) == (700, 0.6)
    assert made["extra_body"]["top_k"] == 20


def test_a_model_that_never_thinks_gets_what_was_asked():
    made = fields("qwen2.5:7b", "vllm", thinking=True, max_tokens=200, temperature=0.1)
    assert (made["max_tokens"], made["temperature"]) == (200, 0.1)


def test_the_soft_switch_is_said_only_where_no_other_is_known():
    assert fields("qwen3:8b", "openai")["messages"][-1]["content"] == "Hi /no_think"
    assert fields("qwen3:8b", "openai", thinking=True)["messages"][-1]["content"] == "Hi /think"
    assert fields("qwen3:8b", "ollama")["messages"][-1]["content"] == "Hi"


def test_the_repetition_penalty_goes_under_the_servers_own_name():
    assert fields("qwen2.5:7b", "vllm")["extra_body"]["repetition_penalty"] == 1.05
    assert fields("qwen2.5:7b", "llamacpp")["extra_body"]["repeat_penalty"] == 1.05
    assert fields("qwen2.5:7b", "ollama")["extra_body"] == {}
    assert fields("gpt-4o", "openai")["extra_body"] == {}


def test_a_template_without_a_system_role_gets_the_rules_before_the_question():
    made = fields("gemma-2-2b-it", "vllm")
    assert made["messages"] == [{"role": "user", "content": "Rules.\n\nHi"}]


def test_neighbouring_messages_of_one_speaker_are_joined():
    asked = [Message("user", "Hi"), Message("user", "there"), Message("assistant", "Yes?"), Message("user", "Go")]
    made = fields("llama3.2", "vllm", messages=asked)
    assert [message["role"] for message in made["messages"]] == ["user", "assistant", "user"]


def test_schema_stop_and_seed_are_passed_on():
    made = fields("qwen2.5:7b", "vllm", json_schema={"type": "object"}, stop=("\n",), seed=7)
    assert made["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (made["stop"], made["seed"]) == (["\n"], 7)


def test_a_server_is_known_by_how_it_signs_its_models():
    assert dialect_signed({"vllm"}).server == "vllm"
    assert dialect_signed({"library"}).server == "ollama"
    assert dialect_signed({"acme"}).server == "openai"


def test_llamacpp_is_given_a_new_connection_each_time():
    assert fields("qwen2.5:7b", "llamacpp")["extra_headers"] == {"Connection": "close"}
    assert "extra_headers" not in fields("qwen2.5:7b", "vllm")
