"""`cdlint rule`: the list of rules, and the page of one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import click

from ..failure import Failure
from ..readers import did_you_mean
from .main import CONTEXT
from .options import Words
from .output import style

if TYPE_CHECKING:
    from ..formats.style import Style
    from ..rule import Rule

PRECISION = {
    "A": "certain when it reports",
    "B": "very likely a defect when it reports",
    "C": "a convention",
}


@click.command(context_settings=CONTEXT)
@click.argument("id", required=False, metavar="[ID]")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="How to write it.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
@click.option("--pack", "packs", type=Words(), multiple=True, metavar="DIR", help="The rules of this pack too.")
def rule(id: str | None, output_format: str, color: Literal["auto", "always", "never"], packs: tuple[str, ...]) -> None:
    """Explain the rule ID, or list all rules."""
    from ..packs import load

    rules = load(packs).rules
    if id is not None and id not in rules:
        raise Failure(f"there is no rule `{id}`{did_you_mean(id, rules)}")
    if output_format == "json":
        import json

        plain: Any = described(rules[id]) if id else [described(each) for each in rules.values()]
        click.echo(json.dumps(plain, indent=2))
        return
    dress = style(sys.stdout, color, "")
    lines = page(rules[id], dress) if id else table(rules, dress)
    click.echo("\n".join(lines), color=dress.color)


def described(rule: Rule) -> dict[str, Any]:
    """All that is known of a rule, as plain data."""
    return {
        "id": rule.id,
        "pack": rule.pack,
        "summary": rule.documentation.summary,
        "severity": rule.severity,
        "constraint": rule.constraint,
        "precision": rule.precision,
        "default": rule.default,
        "when": dict(rule.when),
        "options": {name: list(each) if isinstance(each, tuple) else each for name, each in rule.options.items()},
        "sections": dict(rule.documentation.sections),
    }


def table(rules: Mapping[str, Rule], dress: Style) -> Iterator[str]:
    """One line for each rule."""
    width = max((len(name) for name in rules), default=0)
    for name, rule in rules.items():
        severity = dress.paint(rule.severity, f"{rule.severity:7}")
        off = "" if rule.default else "  (off by default)"
        yield f"{dress.paint('rule', name.ljust(width))}  {severity}  {rule.documentation.summary}{off}"


def page(rule: Rule, dress: Style) -> Iterator[str]:
    """A rule's page, as Markdown; on a terminal headings and code are painted."""
    yield _heading(f"# {rule.id}", dress)
    yield ""
    yield _inline(rule.documentation.summary, dress)
    yield ""
    state = "on by default" if rule.default else "off unless selected"
    facts = (rule.severity, f"constraint {rule.constraint}", f"precision {rule.precision}: {PRECISION[rule.precision]}")
    yield f"*{', '.join((*facts, state))}*"
    if rule.when:
        yield ""
        yield _inline(
            "Only with " + " and ".join(f"`{name} {versions}`" for name, versions in rule.when.items()), dress
        )
    for title, body in rule.documentation.sections.items():
        yield ""
        yield _heading(f"## {title}", dress)
        fenced = False
        for line in body.splitlines():
            fenced ^= line.startswith("```")
            yield line if fenced else _inline(line, dress)
    if rule.options:
        yield ""
        yield _heading("## Options", dress)
        for name, default in rule.options.items():
            shown = list(default) if isinstance(default, tuple) else default
            yield _inline(f"- `{name}`, by default `{shown!r}`", dress)


def _heading(text: str, dress: Style) -> str:
    return dress.paint("bold", text.lstrip("# ")) if dress.color else text


def _inline(text: str, dress: Style) -> str:
    return re.sub(r"`([^`]+)`", lambda match: dress.paint("rule", match[1]), text) if dress.color else text
