"""Which names of URL patterns exist, and what each of them takes."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.templates import DJANGO, names_of, template, template_files
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.rule import Location

from ._patterns import Opening, Pattern, Patterns, every, served
from ._patterns_outside import is_well_known, may_name
from ._patterns_params import parameters
from ._reverse import Use, python_uses
from ._reverse_options import option_uses, settings_uses
from ._settings import aside

_MAKERS = frozenset({"path", "re_path", "url"})


class Problem(NamedTuple):
    """A use that no pattern answers: `absent`, in a namespace that is not there, or with other arguments.

    `near` are the patterns that it may mean, each with its full name.
    """

    use: Use
    why: str
    near: tuple[tuple[str, Pattern], ...]
    takes: tuple[tuple[str, ...], ...] = ()


def problems(project: Project) -> tuple[Problem, ...]:
    """The uses of names that no pattern answers."""
    uses = [use for path in project.paths for use in project[python_uses, path]]
    if not project[served]:
        return ()
    uses += [use for path in project.paths for use in project[option_uses, path]]
    uses += project[settings_uses]
    uses += [use for path, language in project[template_files] for use in project[_in_template, (path, language)]]
    found = [problem for use in uses if (problem := _problem(project[served], use)) is not None]
    return tuple(
        each
        for each in found
        if not _elsewhere(project, each) and (each.use.at.path.endswith(".py") or project[_is_used, each.use.at.path])
    )


def _in_template(project: Project, key: tuple[str, str]) -> tuple[Use, ...]:
    """The names that a template asks for."""
    path, language = key
    if language != DJANGO or aside(path):
        return ()
    found = []
    for each in project[template, key].urls:
        if each.callee == "url" and each.name and not each.optional and not any(mark in each.name for mark in "/. {"):
            passed = None if each.open else each.positional
            names = None if each.open else each.keywords
            found.append(Use(each.name, passed, names, f'{{% url "{each.name}" %}}', Location(path, each.at)))
    return tuple(found)


def _elsewhere(project: Project, problem: Problem) -> bool:
    """Whether the name may exist where this project does not look: another site's URLconf, one for another setting."""
    use, last = problem.use, problem.use.name.rpartition(":")[2]
    if problem.why == "namespace" and use.guarded:
        return True
    roots = len(project[served])
    for each in project[every][roots:]:
        if any(part.name == last for part in each.found):
            return True
        home = each.root.rpartition("/")[0]
        if each.openings and use.at.path.startswith(f"{home}/"):
            return True
    if any(part.name == last for each in project[served] for part in each.found):
        return False
    if _has_own_urls(project, use.at.path):
        return True
    taken = {each.outside for whole in project[served] for each in whole.openings}
    for path in project.paths:
        texts = project[written, (path, 2 if path == use.at.path else 1)]
        others = (each for each in texts - taken if is_well_known(each))
        if last in texts or any(may_name(each, use.name) for each in others):
            return True
    return False


def _has_own_urls(project: Project, path: str) -> bool:
    """Whether a `urls` module stands beside a file and leads nowhere: an app for those who install it."""
    beside = f"{path.rpartition('/')[0]}/urls.py"
    known = {part.at.path for each in project[served] for part in each.found}
    return project.module(beside) is not None and beside not in known


def written(project: Project, key: tuple[str, int]) -> frozenset[str]:
    """The strings that a file with URL patterns has so many times, those of branches that do not run included."""
    path, times = key
    module = project.module(path)
    if module is None or not any(each.name in _MAKERS or each.name == "urlpatterns" for each in module.imports):
        return frozenset()
    nodes = tree.walk(*(node for each in module.functions for node in each.body))
    texts = [each.value for each in nodes if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    return frozenset(text for text in texts if times == 1 or texts.count(text) >= times)


def _is_used(project: Project, path: str) -> bool:
    """Whether any code or template names a template; one that nothing names is never rendered."""
    names = tuple(name for _, name in project[names_of, path])
    readers = (*project.paths, *(other for other, _ in project[template_files] if other != path))
    return any(name in text for each in readers if (text := project.text(each)) for name in names)


def _problem(trees: tuple[Patterns, ...], use: Use) -> Problem | None:
    parts = tuple(use.name.split(":"))
    if any(_may_open(each, opening, parts, use.loose) for each in trees for opening in each.openings):
        return None
    candidates = [part for each in trees for part in each.found if _named(part, parts, use.loose)]
    if not candidates:
        return _absent(trees, use, parts)
    if use.positional is None or use.keywords is None or any(part.name == "*" for part in candidates):
        return None
    takes: list[tuple[str, ...]] = []
    for part in candidates:
        ways = parameters(part)
        # Most routers make each pattern once more with a format at its end.
        extra = (*part.extra, "format") if part.routed else part.extra
        if ways is None or any(_accepts(way, extra, use.positional, use.keywords) for way in ways):
            return None
        takes.extend(ways)
    near = tuple((full_name(part), part) for part in candidates)
    return Problem(use, "arguments", near, tuple(dict.fromkeys(takes)))


def full_name(part: Pattern) -> str:
    """The name of a pattern with its namespaces."""
    return ":".join((*(space.instance for space in part.spaces), part.name))


def _named(part: Pattern, parts: tuple[str, ...], loose: bool) -> bool:
    if part.name not in (parts[-1], "*"):
        return False
    if loose and len(part.spaces) >= len(parts) - 1:
        return True
    return len(part.spaces) == len(parts) - 1 and all(map(_is_space, part.spaces, parts))


def _is_space(space: tuple[str, str], text: str) -> bool:
    return text in space or "*" in space


def _may_open(whole: Patterns, opening: Opening, parts: tuple[str, ...], loose: bool) -> bool:
    """Whether patterns that are not known may have the name."""
    depth = len(opening.spaces)
    if depth >= len(parts):
        return loose
    if not all(map(_is_space, opening.spaces, parts)):
        return False
    rest = parts[depth:]
    if not opening.outside or depth:
        return True
    if not may_name(opening.outside, ":".join(rest)):
        return False
    # A namespace of the repository that is known whole is not one of a package.
    return len(rest) == 1 or not any(len(part.spaces) > depth and rest[0] in part.spaces[depth] for part in whole.found)


def _accepts(way: tuple[str, ...], extra: tuple[str, ...], count: int, keywords: tuple[str, ...]) -> bool:
    """Whether Django fills a pattern with these arguments."""
    if "*" in extra:
        return True
    if count:
        return not keywords and count == len(way)
    return not (set(keywords) ^ set(way)) - set(extra)


def _absent(trees: tuple[Patterns, ...], use: Use, parts: tuple[str, ...]) -> Problem:
    """A name that is not there; those of the same last part elsewhere, else those that are spelt alike."""
    everything = {full_name(part): part for each in trees for part in each.found if part.name not in ("", "*")}
    same = [(name, part) for name, part in everything.items() if part.name == parts[-1]]
    spaces = {text for each in trees for part in each.found for space in part.spaces[:1] for text in space} | {
        text for each in trees for opening in each.openings for space in opening.spaces[:1] for text in space
    }
    why = "namespace" if len(parts) > 1 and parts[0] not in spaces else "absent"
    if not same:
        from difflib import get_close_matches

        same = [(name, everything[name]) for name in get_close_matches(use.name, list(everything), 1, 0.75)]
    return Problem(use, why, tuple(same[:2]))
