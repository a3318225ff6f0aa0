"""Reading an OpenAPI document that a merchant gives us: which operations there are and what they take.

The document is a stranger's: its size, depth, references and types are checked, and nothing in it is followed outside.
Read are OpenAPI 3.0 and 3.1 and Swagger 2.0, as JSON or YAML.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

import yaml

from xiaoer.errors import Invalid
from xiaoer.patterns import lazy

LARGEST: Final = 5_000_000
MOST_OPERATIONS: Final = 2_000
MOST_PARAMETERS: Final = 200
LONGEST_CHAIN: Final = 20
_METHODS = ("get", "put", "post", "delete", "patch")
_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "file", "null"})
Place = Literal["path", "query", "header", "body"]


class BadDocument(Invalid):
    """The document cannot be used; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something an operation takes; `type` is JSON Schema's, empty where the document names none."""

    name: str
    place: Place
    type: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing the API can do. `id` is the document's, or `GET /orders/{id}` where it has none."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]

    @property
    def reads(self) -> bool:
        return self.method == "GET"


@dataclass(frozen=True, kw_only=True)
class ApiDocument:
    """An API: where it says it is, and its operations by id."""

    title: str
    servers: tuple[str, ...]
    operations: Mapping[str, Operation]


def read_document(data: bytes) -> ApiDocument:
    """Understand a document; raises `BadDocument` with the place that is wrong."""
    if len(data) > LARGEST:
        raise BadDocument(
            f"The document has more than {LARGEST:,} bytes. Leave out the operations that are not needed."
        )
    root = _loaded(data)
    if not isinstance(root, dict) or not ("openapi" in root or "swagger" in root):
        raise BadDocument("This is no OpenAPI document: it has no field “openapi” at its top.")
    version = str(root.get("openapi") or root.get("swagger"))
    if not version.startswith(("3.0", "3.1", "2.0", "2")):
        raise BadDocument(f"OpenAPI {version[:20]} is not known; 3.0, 3.1 and Swagger 2.0 are.")
    operations: dict[str, Operation] = {}
    for operation in _operations(root):
        if operation.id in operations:
            raise BadDocument(f"Two operations are called {operation.id!r}. Give each its own operationId.")
        operations[operation.id] = operation
        if len(operations) > MOST_OPERATIONS:
            raise BadDocument(
                f"The document has more than {MOST_OPERATIONS:,} operations. Leave out what is not needed."
            )
    if not operations:
        raise BadDocument("The document has no operations under “paths”.")
    info = root.get("info")
    title = str(info.get("title", "")) if isinstance(info, dict) else ""
    return ApiDocument(title=title[:200], servers=tuple(_servers(root)), operations=operations)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml ships no types
    """Without merging of mappings, which can double a small file without end, and without dates."""

    def flatten_mapping(self, node: Any) -> None:
        if any(getattr(key, "tag", "") == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise BadDocument(
                f"Line {node.start_mark.line + 1} merges mappings with “<<”. Write them out, or give JSON."
            )


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# Truths as in YAML 1.2: a parameter named `no` is not named False.
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", lazy(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def _loaded(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument("The document is not written in UTF-8. Save it again as UTF-8.") from error
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # a subclass of SafeLoader
    except RecursionError as error:
        raise BadDocument("The document is nested too deeply.") from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" in line {place.line + 1}" if place else ""
        raise BadDocument(f"The document is not valid YAML{where}.") from error
    except ValueError as error:
        raise BadDocument(f"The document is not valid JSON: {str(error)[:100]}.") from error


def _servers(root: Mapping[str, Any]) -> Iterator[str]:
    for server in root.get("servers") or ():
        if isinstance(server, dict) and str(server.get("url", "")).startswith(("http://", "https://")):
            yield str(server["url"])
    if "host" in root:
        schemes = root.get("schemes")
        scheme = "https" if not isinstance(schemes, list) or "https" in schemes else "http"
        yield f"{scheme}://{root['host']}{root.get('basePath', '')}"


def _operations(root: Mapping[str, Any]) -> Iterator[Operation]:
    paths = root.get("paths")
    if not isinstance(paths, dict):
        raise BadDocument("The document has no “paths”.")
    for path, item in paths.items():
        where = f"paths › {path}"
        found = _resolved(root, item, where)
        if not isinstance(path, str) or not path.startswith("/") or not isinstance(found, dict):
            raise BadDocument(f"{where}: this is no path with operations.")
        for method in _METHODS:
            if method in found:
                yield _operation(root, path, method, found, f"{where} › {method}")


def _operation(root: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any], where: str) -> Operation:
    given = item[method]
    if not isinstance(given, dict):
        raise BadDocument(f"{where}: this is no operation.")
    listed = [*_listed(item, where), *_listed(given, where)]
    parameters: dict[tuple[str, str], Parameter] = {}
    for entry in listed:
        for parameter in _parameters(root, _resolved(root, entry, where), where):
            parameters[parameter.place, parameter.name] = parameter
    for parameter in _body(root, given, where):
        parameters[parameter.place, parameter.name] = parameter
    for name in _names_in(path):
        if ("path", name) not in parameters:
            raise BadDocument(f"{where}: the path has {{{name}}}, but no parameter of that name is described.")
    return Operation(
        id=str(given.get("operationId") or f"{method.upper()} {path}")[:200],
        method=method.upper(),
        path=path,
        summary=str(given.get("summary") or given.get("description") or "")[:300],
        parameters=tuple(parameters.values()),
    )


def _listed(item: Mapping[str, Any], where: str) -> list[Any]:
    listed = item.get("parameters") or []
    if not isinstance(listed, list) or len(listed) > MOST_PARAMETERS:
        raise BadDocument(f"{where}: “parameters” is no list, or has more than {MOST_PARAMETERS}.")
    return listed


def _parameters(root: Mapping[str, Any], entry: Any, where: str) -> Iterator[Parameter]:
    """One parameter, or the fields of a body as Swagger 2.0 describes it; cookies are not sent."""
    name, place = (entry.get("name"), entry.get("in")) if isinstance(entry, dict) else (None, None)
    if not isinstance(name, str) or place not in ("path", "query", "header", "cookie", "body", "formData"):
        raise BadDocument(f"{where}: a parameter has no name, or no place that is known.")
    if place == "body":
        yield from _fields(root, entry.get("schema", {}), f"{where} › body")
    elif place == "formData":
        raise BadDocument(f"{where}: it takes a form; only JSON is sent.")
    elif place != "cookie":
        kind = _type(root, entry.get("schema", entry), f"{where} › {name}")
        yield Parameter(name=name, place=place, type=kind, required=place == "path" or entry.get("required") is True)


def _body(root: Mapping[str, Any], given: Mapping[str, Any], where: str) -> Iterator[Parameter]:
    if "requestBody" not in given:
        return
    body = _resolved(root, given["requestBody"], where)
    content = body.get("content") if isinstance(body, dict) else None
    if not isinstance(content, dict):
        raise BadDocument(f"{where}: “requestBody” has no content.")
    media = next((each for kind, each in content.items() if "json" in str(kind)), None)
    if media is None:
        if given.get("requestBody", {}).get("required"):
            raise BadDocument(f"{where}: it does not take JSON, only {', '.join(map(str, content))[:100]}.")
        return
    if isinstance(media, dict):
        yield from _fields(root, media.get("schema", {}), f"{where} › body")


def _fields(root: Mapping[str, Any], schema: Any, where: str, seen: set[int] | None = None) -> Iterator[Parameter]:
    """The fields of a JSON body: the top ones, since the mapping writes what is below by itself."""
    found = _resolved(root, schema, where)
    seen = set() if seen is None else seen
    if id(found) in seen:
        return
    seen.add(id(found))
    if not isinstance(found, dict):
        raise BadDocument(f"{where}: this is no schema.")
    required = found.get("required")
    named = set(required) if isinstance(required, list) and all(isinstance(each, str) for each in required) else set()
    for part in found.get("allOf") or ():
        yield from _fields(root, part, where, seen)
    properties = found.get("properties") or {}
    if not isinstance(properties, dict):
        raise BadDocument(f"{where}: “properties” names no fields.")
    for name, field in properties.items():
        kind = _type(root, field, f"{where} › {name}")
        yield Parameter(name=str(name), place="body", type=kind, required=name in named)


def _type(root: Mapping[str, Any], schema: Any, where: str) -> str:
    found = _resolved(root, schema, where)
    if not isinstance(found, dict):
        raise BadDocument(f"{where}: this is no schema.")
    named = found.get("type", "")
    kinds = [kind for kind in (named if isinstance(named, list) else [named]) if kind != "null"]
    for kind in kinds:
        if kind and (not isinstance(kind, str) or kind not in _TYPES):
            raise BadDocument(f"{where}: the type {str(kind)[:40]!r} is not one of JSON's. Correct it in the document.")
    return kinds[0] if len(kinds) == 1 else ""


def _resolved(root: Mapping[str, Any], node: Any, where: str) -> Any:
    """What a reference within the document leads to; raises `BadDocument` for others, and for circles."""
    for _ in range(LONGEST_CHAIN):
        if not isinstance(node, dict) or "$ref" not in node:
            return node
        node = _at(root, node["$ref"], where)
    raise BadDocument(f"{where}: its references lead in a circle.")


def _at(root: Mapping[str, Any], reference: Any, where: str) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        _stop(where, reference)
    node: Any = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            raise BadDocument(f"{where}: {reference[:100]!r} leads nowhere.")
        node = node[name]
    return node


def _stop(where: str, reference: Any) -> NoReturn:
    raise BadDocument(f"{where}: {str(reference)[:100]!r} lies outside the document. Bundle it into one file.")


def _names_in(path: str) -> list[str]:
    return [part.split("}")[0] for part in path.split("{")[1:]]
