"""Writes docs/settings.md from the settings themselves: `make docs`."""

from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from xiaoer.settings import Settings

HEAD = """# Settings
Environment variables, or lines of a `.env` file where the command is run. Written by `make docs`; do not edit.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_rows(Settings, "XIAOER_"))


def _rows(part: type[BaseModel], prefix: str) -> list[str]:
    rows = []
    for name, field in part.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            rows += _rows(field.annotation, f"{variable}__")
        else:
            rows.append(f"| `{variable}` | {_shown(name, field.default)} | {field.description} |\n")
    return rows


def _shown(name: str, default: Any) -> str:
    if default is PydanticUndefined:
        return "`/var/lib/xiaoer` as root, else the user's data folder" if name == "data_dir" else ""
    if default is None or default in ("", ()) or isinstance(default, SecretStr | Path):
        return ""
    return f"`{','.join(default) if isinstance(default, tuple) else str(default).lower()}`"


if __name__ == "__main__":
    typer.echo(page(), nl=False)
