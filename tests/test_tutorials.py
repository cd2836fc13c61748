"""Commands in the console blocks of tutorials print what the page shows; their Python runs."""

import re
import runpy
from pathlib import Path

import pytest

from people_files import suiren

DOCS = Path(__file__).parents[1] / "docs"
CHINESE = [page.with_suffix(".zh.md") for page in sorted(DOCS.glob("tutorial-*.md")) if "." not in page.stem]
PAGES = [page for page in sorted(DOCS.glob("tutorial-*.md")) if "```console" in page.read_text(encoding="utf-8")]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, kind: str) -> list[tuple[str, str]]:
    return [(name, text) for found, name, text in BLOCK.findall(page.read_text(encoding="utf-8")) if found == kind]


def commands(text: str) -> list[tuple[str, list[str]]]:
    told: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            told.append((line.removeprefix("$ ").strip(), []))
        elif line.strip() and line.strip() != "..." and told:
            told[-1][1].append(line.strip())
    return told


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in blocks(page, "csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    shown = [each for _, text in blocks(page, "console") for each in commands(text)]
    assert shown
    for command, lines in shown:
        program, *arguments = command.split()
        assert program == "suiren"
        ran = suiren(*arguments)
        assert (ran.code, ran.err) == (0, ""), command
        rest = squeezed(ran.out)
        for line in lines:
            _, found, rest = rest.partition(squeezed(line))
            assert found, f"{command}: {line}"


def test_every_tutorial_has_its_chinese_version():
    assert {page.name for page in PAGES} >= {page.name for page in CHINESE}
    assert {page.name for page in CHINESE} == {"tutorial-permits.zh.md", "tutorial-residence.zh.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_of_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _, text in blocks(page, "python"):
        script = tmp_path / "page.py"
        script.write_text(text, encoding="utf-8")
        runpy.run_path(str(script))
