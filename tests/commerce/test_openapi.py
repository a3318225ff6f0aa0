import json
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.commerce.openapi import LARGEST, BadDocument, read_document

ORDER = {"get": {"operationId": "getOrder", "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}]}}


def document(paths=None, **more):
    return {"openapi": "3.0.3", "info": {"title": "Shop"}, "paths": paths or {"/orders/{id}": ORDER}, **more}


def read(value):
    return read_document(json.dumps(value).encode())


def body(schema, **more):
    operation = {"operationId": "cancel", "requestBody": {"content": {"application/json": {"schema": schema}}}}
    return document({"/cancel": {"post": operation}}, **more)


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
def test_operations_and_what_they_take_are_read(write):
    read_one = read_document(write(document(servers=[{"url": "https://api.example/v1"}])).encode())
    operation = read_one.operations["getOrder"]
    assert (operation.method, operation.path, operation.parameters[0].required) == ("GET", "/orders/{id}", True)
    assert read_one.servers == ("https://api.example/v1",)


def test_fields_of_a_body_are_found_through_references_and_parts():
    schemas = {
        "Key": {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}},
        "Cancel": {
            "allOf": [{"$ref": "#/components/schemas/Key"}],
            "properties": {"why": {"type": ["string", "null"]}},
        },
    }
    found = read(body({"$ref": "#/components/schemas/Cancel"}, components={"schemas": schemas}))
    fields = {parameter.name: parameter.required for parameter in found.operations["cancel"].parameters}
    assert fields == {"key": True, "why": False}


def test_swagger_two_is_read_too():
    found = read(
        {
            "swagger": "2.0", "host": "api.example", "basePath": "/v2", "schemes": ["https"],
            "paths": {"/orders": {"get": {"parameters": [{"name": "page", "in": "query", "type": "integer"}]}}},
        }
    )  # fmt: skip
    assert found.servers == ("https://api.example/v2",)
    assert found.operations["GET /orders"].parameters[0].type == "integer"


def with_type(kind):
    parameter = {"name": "page", "in": "query", "schema": {"type": kind}}
    return document({"/orders": {"get": {"operationId": "list", "parameters": [parameter]}}})


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (with_type("datetime"), "type 'datetime'"),
        (with_type({"x": 1}), "JSON's"),
        (document({"/orders/{id}": {"get": {}}}), "{id}"),
        (document({"orders": ORDER}), "no path"),
        (document({"/a": "GET"}), "no path"),
        (document({"/a": {"get": []}}), "no operation"),
        (document({"/a": ORDER | {"post": ORDER["get"]}}), "getOrder"),
        (document({"/a": {"get": {"parameters": [{"name": "x", "in": "space"}]}}}), "no place"),
        (document({"/a": {"get": {"parameters": [{"$ref": "https://evil.example/x.json"}]}}}), "outside"),
        (document({"/a": {"get": {"parameters": [{"$ref": "file:///etc/passwd"}]}}}), "outside"),
        (document({"/a": {"get": {"parameters": [{"$ref": "#/nowhere/at/all"}]}}}), "nowhere"),
        (document({"/a": {"get": {"parameters": [{}] * 201}}}), "parameters"),
        (document({"/a": {"$ref": "#/x"}}, x={"$ref": "#/y"}, y={"$ref": "#/x"}), "circle"),
        (document({"/a": {"post": {"requestBody": {"required": True, "content": {"text/xml": {}}}}}}), "JSON"),
        ({"openapi": "4.0", "paths": {}}, "4.0"),
        ({"openapi": "3.0.0"}, "paths"),
        ({"openapi": "3.0.0", "paths": {}}, "no operations"),
        ([1, 2], "no OpenAPI"),
        ({"paths": {}}, "no OpenAPI"),
    ],
)
def test_what_is_wrong_in_a_document_is_told_with_its_place(bad, told):
    with pytest.raises(BadDocument, match=None) as refused:
        read(bad)
    assert told in refused.value.detail


def test_a_body_that_is_part_of_itself_ends():
    schemas = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"x": {"type": "string"}}}}
    found = read(body({"$ref": "#/components/schemas/A"}, components={"schemas": schemas}))
    assert [parameter.name for parameter in found.operations["cancel"].parameters] == ["x"]


def bomb(lines=40):
    rows = ["openapi: 3.0.0", "a0: &a0 {x: 1}"]
    rows += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], y{n}: 1}}" for n in range(1, lines)]
    return "\n".join(rows).encode()


def laughs(lines=60):
    rows = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, lines))]
    return ("openapi: 3.0.0\n" + "\n".join(rows) + f"\npaths: *a{lines - 1}").encode()


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b"{" * 100_000, b"- " * 50_000, b"x" * (LARGEST + 1), bomb(), laughs(),
     b"!!python/object/apply:os.system ['true']", b"a: [1, 2", b"<html></html>", b"? {a: b}\n: c", b"\x00\x01\x02"],
    ids=lambda data: repr(data[:20]),
)  # fmt: skip
def test_hostile_bytes_are_refused_in_words_and_at_once(data):
    with pytest.raises(BadDocument):
        read_document(data)


NAMES = st.sampled_from(
    [
        *("get", "post", "parameters", "name", "in", "schema", "type", "$ref", "allOf", "properties"),
        *("requestBody", "content", "application/json", "/a"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_whatever_stands_under_paths_is_read_or_refused(paths):
    with suppress(BadDocument):
        read({"openapi": "3.1.0", "paths": {"/a": paths}})
