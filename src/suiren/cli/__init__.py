"""The command line: thin; parse, call, show."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

import suiren
from suiren.cli import compare, explain, law, population, risk, settle, study
from suiren.cli.common import DEBUG_VARIABLE
from suiren.errors import ConservationError, SuirenError

app = typer.Typer(
    name="suiren",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Who pays for China's resident health insurance; what changes when the money follows the person (钱随人走).",
)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Who pays for China's resident health insurance; what changes when the money follows the person (钱随人走)."""
    if show:
        sys.stdout.write(f"suiren {suiren.__version__}\n")
        raise typer.Exit


app.command("compare")(compare.compare)
app.command("explain")(explain.explain)
app.command("settle")(settle.settle)
app.command("check")(settle.check)
app.add_typer(law.app, name="law")
app.add_typer(population.app, name="population")
app.add_typer(study.app, name="study")
app.add_typer(risk.app, name="risk")


@functools.cache
def _command() -> Callable[[], None]:
    """Return the commands as they are run; reading all their options takes a while, so it is done once."""
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line: exit status 0 done, 1 a bad value, 2 an unknown command, flag or missing argument."""
    debug = "--debug" in sys.argv or bool(os.environ.get(DEBUG_VARIABLE))
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        _command()()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        _say("Stopped; nothing was written.")
        raise SystemExit(130) from None
    except (SuirenError, ConservationError, OverflowError, OSError) as error:
        if debug:
            raise
        _say(_sentence(error))
        raise SystemExit(1) from None


def _sentence(error: Exception) -> str:
    if isinstance(error, ConservationError):
        return f"A sum does not hold, so there is no result: {error}. This is a fault of Suiren; please report it."
    if isinstance(error, OverflowError):
        return f"An amount is too large: {error}."
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    return str(error)


def _say(text: str) -> None:
    sys.stderr.write(f"suiren: {text}\n")
