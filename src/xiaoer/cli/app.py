"""The `xiaoer` command: exit code 0 on success, 1 on a failed check or refused work, 2 on bad use."""

import re
import sys

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from xiaoer.cli import backing, benches, commerce, exams, exporting, knowledge, models, serving, store, talking
from xiaoer.errors import XiaoerError

app = typer.Typer(
    name="xiaoer",
    help="Xiaoer (小二): a self-hosted AI customer-service desk for online shops.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serving.run)
app.command()(serving.serve)
app.command()(serving.check)
app.command()(talking.ask)
app.command()(talking.chat)
app.command()(knowledge.ingest)
app.command()(backing.backup)
app.command()(backing.restore)
app.command(name="eval")(exams.evaluate)
app.add_typer(models.app, name="model")
app.add_typer(store.app, name="store")
app.add_typer(commerce.app, name="commerce")
app.add_typer(benches.app, name="bench")
app.add_typer(exporting.app, name="export")


def main() -> None:
    """Run the command; what went wrong is said in words, not in a traceback."""
    try:
        app()
    except XiaoerError as error:
        sys.stderr.write(f"xiaoer: {error.detail}\n")
        sys.exit(1)
    except ValidationError as error:
        for problem in error.errors():
            name = "__".join(str(part).upper() for part in problem["loc"])
            sys.stderr.write(f"xiaoer: setting XIAOER_{name}: {problem['msg'].removeprefix('Value error, ')}\n")
        sys.exit(2)
    except SettingsError as error:
        # Its words name the field, and its cause says what is wrong with the JSON.
        found = re.search(r'field "(\w+)"', str(error))
        name = f"setting XIAOER_{found[1].upper()}" if found else "a setting"
        sys.stderr.write(f"xiaoer: {name}: is no valid JSON ({error.__cause__ or error}). See docs/settings.md\n")
        sys.exit(2)
    except OSError as error:
        sys.stderr.write(f"xiaoer: {error.strerror or error}: {error.filename or ''}\n")
        sys.exit(1)
