"""The tree itself: sizes, floats near money, links in documents, what an import loads, help of every command."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from suiren.leftovers import sweep

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src").rglob("*.py"))
LONGEST_MODULE = 450
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_are_short_and_finished(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE
    assert not re.search(rf"\b({'|'.join(UNFINISHED)})\b", text)


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name == "money.py" or path.parent.name in {"ledger", "laws"}],
    ids=lambda path: path.name,
)
def test_no_float_stands_near_money(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        floating = isinstance(node, ast.Constant) and isinstance(node.value, float)
        assert not floating, f"{path.name}:{node.lineno}"
        divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if divides and path.name == "money.py":
            raise AssertionError(f"{path.name}:{node.lineno} divides into a float")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_documents_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_importing_suiren_loads_nothing_heavy():
    script = (
        "import suiren, sys; print([name for name in ('polars', 'duckdb', 'altair', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    script = "import suiren; [getattr(suiren, name) for name in suiren.__all__]; print(callable(suiren.law))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "True"


def test_commands_of_the_readme_exist():
    commands = set(re.findall(r"bin/suiren ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"explain", "settle", "check", "law"} <= commands
    for command in commands:
        subprocess.run([sys.executable, "-m", "suiren", command, "--help"], check=True, capture_output=True, text=True)


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path):
    gone = tmp_path / "run-999999999-x"
    for path in (gone, tmp_path / f"run-{os.getpid()}-x", tmp_path / "run-notes", tmp_path / "other-1-x"):
        path.mkdir()
    (tmp_path / "run-999999998-file").write_text("")
    sweep(tmp_path, "run-")
    left = {path.name for path in tmp_path.iterdir()}
    assert gone.name not in left
    assert len(left) == 4
