"""How to get the same numbers again: the command, and three lines of Python."""

from __future__ import annotations

from suiren.show.summary import Summary

_MAKERS = {"portable": "portable", "risk-adjusted": "risk_adjusted", "upper-funded": "upper_funded"}


def command(summary: Summary) -> str:
    """Return the command that compares the same schemes on the same population."""
    schemes = " ".join(f"--scheme {scheme}" for scheme in summary.schemes)
    return f"suiren compare {summary.population} --year {summary.year} {schemes}"


def python(summary: Summary, population: str) -> str:
    """Return three lines of Python that settle the first scheme and the first reform, and tell the change by payer."""
    people = 'sr.population("china-2020")' if population.startswith("china-2020") else f"sr.read({population!r})"
    law = f"sr.law({summary.year})"
    first = f"law{_reform(summary.first)}"
    if not summary.others:
        return f"import suiren as sr\nlaw = {law}\nsr.settle({people}, {first}).by('payer_level')"
    other = f"law{_reform(summary.others[0])}"
    return (
        f"import suiren as sr\npeople, law = {people}, {law}\n"
        f'(sr.settle(people, {other}) - sr.settle(people, {first})).by("payer_level")'
    )


def _reform(label: str) -> str:
    """Return " | sr.portable(enrol="residence")" for a label; empty for today's law."""
    name, _, rest = label.partition(":")
    options = [option.partition("=")[::2] for option in rest.split(",") if option]
    told = ", ".join(f'{key}="{value}"' for key, value in options)
    if name in _MAKERS:
        return f" | sr.{_MAKERS[name]}({told})"
    return "".join(_common(key, value) for key, value in options)


def _common(key: str, value: str) -> str:
    """Return the reform of one option of today's law."""
    makers = {
        "enrol": f' | sr.enrolled("{value}")',
        "standard_cap": f" | sr.cap_standard({value})",
        "contribution_rate": f' | sr.contribution_by_income("{value}")',
    }
    return makers.get(key, f' | reform_from_text("current:{key}={value}")')


__all__ = ["command", "python"]
