"""A URL is asked for by a name that no pattern has, or with arguments that it does not take.

## Why
`reverse()`, `redirect()` and `{% url %}` look a pattern up by its name when they run, and so do
`LOGIN_URL`, `LOGIN_REDIRECT_URL`, `pattern_name` and `login_url` when somebody is redirected. A name
that no `path()` has, a namespace that is left out, or other keywords than the pattern captures
raise `NoReverseMatch`: a page that is a 500 for everybody, found only by opening it.

## Instead
Write the name as the URLconf has it, with the namespaces of its includes before it
(`"billing:unpaid"`), and pass exactly the parameters of the route.

## Known limits
Names and arguments that are computed are not checked, nor are calls inside `try`. A name that
an included package, a URLconf of another site or a URLconf that is put together when the
program runs may define is left alone. What templates and Python code of the project ask for is
checked, tests are not.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._reverse_names import Problem, problems


@rule(of=problems, severity="error", constraint="wiring")
def reverse_name_unknown(project: Project, problem: Problem) -> Iterator[Finding]:
    """A name that is not there, or that takes something else."""
    yield _arguments(problem) if problem.why == "arguments" else _absent(problem)


def _absent(problem: Problem) -> Finding:
    use, near = problem.use, problem.near
    space, _, _ = use.name.partition(":")
    message = f"No URL pattern is named `{use.name}`, so `{use.what}` raises `NoReverseMatch`."
    if problem.why == "namespace":
        message = f"No URLconf is included as `{space}`, so `{use.what}` raises `NoReverseMatch`."
    cure = f"Write `{near[0][0]}`, or name the pattern that is meant." if near else ""
    related = tuple(Evidence(part.at, f"this pattern is `{name}`") for name, part in near)
    return Finding(use.at, message, related, symbol=use.name, cure=cure)


def _arguments(problem: Problem) -> Finding:
    use = problem.use
    given = ", ".join(f"`{each}`" for each in use.keywords or ())
    if not given:
        given = (
            f"{use.positional} positional argument{'s' * (use.positional != 1)}" if use.positional else "no arguments"
        )
    wanted = " or ".join(_listed(way) for way in problem.takes)
    return Finding(
        use.at,
        f"`{use.what}` passes {given}, but the pattern takes {wanted}.",
        tuple(Evidence(part.at, f"`{name}` is this pattern") for name, part in problem.near[:2]),
        symbol=use.name,
        cure=f"Pass {wanted}.",
    )


def _listed(way: tuple[str, ...]) -> str:
    if not way:
        return "nothing"
    if all(name.startswith("_") for name in way):
        return f"{len(way)} positional argument{'s' * (len(way) != 1)}"
    return ", ".join(f"`{name}`" for name in way)
