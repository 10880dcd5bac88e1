"""The names that queries add to rows, by `annotate`, `alias` and `extra`."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.calls import calling

_ADDING = frozenset(["annotate", "alias", "extra"])
_FETCHING = frozenset(["Prefetch"])
_FETCHING_ALONG = frozenset(["prefetch_related", "prefetch_related_objects"])
_QUERIES = tuple(f".{name}" for name in (*_ADDING, "prefetch_related"))


def annotated_names(project: Project) -> frozenset[str]:
    """All names that some query of the project adds to rows, `*` where it works one out."""
    return frozenset(name for path in project.paths for name in project[annotated_in, path])


def annotated_in(project: Project, path: str) -> frozenset[str]:
    """The names that the queries of a file add to rows."""
    return frozenset(name for call in _calls(project, path, _ADDING) for name in _added(call))


def fetched_names(project: Project) -> frozenset[str]:
    """The attributes under which some query keeps what it fetches along: `Prefetch(..., to_attr="open_orders")`."""
    return frozenset().union(*[project[fetched_in, path] for path in project.paths])


def fetched_in(project: Project, path: str) -> frozenset[str]:
    """Those attributes that the queries of a file name."""
    kept = (call.argument(2, "to_attr") for call in _calls(project, path, _FETCHING))
    return frozenset(name for node in kept if node is not None and (name := string_of(node)))


def fetched_behind(project: Project, name: str) -> frozenset[str]:
    """The paths that some query fetches behind a relation of this name, `*` where that query says what."""
    found = (each for each in project[_paths] if name in each)
    return frozenset("__".join(each[each.index(name) + 1 :]) for each in found) - {""}


def _paths(project: Project) -> frozenset[tuple[str, ...]]:
    return frozenset().union(*[project[_paths_in, path] for path in project.paths])


def _paths_in(project: Project, path: str) -> frozenset[tuple[str, ...]]:
    """The paths that a file gives to `prefetch_related`, in parts."""
    found = set()
    for call in _calls(project, path, _FETCHING_ALONG):
        for each in call.args:
            more = isinstance(each, tree.Call) and len(each.args) + len(each.keywords) > 1
            text = string_of(each.args[0] if isinstance(each, tree.Call) and each.args else each)
            found.add((*text.split("__"), "*") if more else tuple(text.split("__")))
    return frozenset(found)


def _calls(project: Project, path: str, names: frozenset[str]) -> Iterator[tree.Call]:
    """The calls of these names in the functions of a file and in the queries of its class bodies."""
    module = project.module(path)
    calls = [
        call
        for cls in (module.classes if module is not None else ())
        for field in cls.fields
        if field.callee.startswith("?.") or field.callee.endswith(_QUERIES)
        for call in tree.calls(field.value)
    ]
    calls += [call for function in calling(project, path, names) for call in function.call_nodes]
    return (call for call in calls if getattr(call.func, "last", "") in names)


def default_name(node: Node) -> str | None:
    """`Count("books")` is called `books__count`; None when that cannot be told."""
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.args and string_of(node.args[0]):
        return f"{string_of(node.args[0])}__{node.func.last.lower()}"
    return None


def _added(call: tree.Call) -> Iterator[str]:
    yield from (name for each in call.args if (name := default_name(each)))
    select = [tree.Keyword("", each) for each in call.args if isinstance(each, tree.Mapping)]
    for keyword in (*call.keywords, *select):
        if isinstance(keyword.value, tree.Mapping):
            names = [string_of(key) for key, _ in keyword.value.items]
            yield from (name for name in names if name)
            if keyword.name is None and not all(names):
                yield "*"
        elif keyword.name is None:
            yield "*"
        if keyword.name:
            yield keyword.name


def string_of(node: Node) -> str:
    """The string that a node is, `""` when it is something else."""
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""
