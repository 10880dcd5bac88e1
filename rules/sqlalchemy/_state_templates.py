"""Jinja templates that a function renders: what they go through, and what they read of the instances they are given."""

from __future__ import annotations

from cdlint.backend.templates import JINJA, find, lookups, renderings, template
from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.templates import Loop, Read, Reference, Template
from cdlint.rule import Evidence

from ._state_classes import lazy_names
from ._state_queries import Given
from ._state_run import Frame, Run, entered
from ._state_values import Fields, State, Value

_DEPTH = 4
"""How many templates deep includes are followed."""
_KINDS = frozenset({"loop", "lazy", "detached"})


def pages(project: Project) -> dict[str, dict[At, tuple[str, str]]]:
    """File -> place of a template's name in it -> the function and the template, where that may load something."""
    known = {each.key: each for each in project[lookups] if each.language == JINJA}
    found: dict[str, dict[At, tuple[str, str]]] = {}
    if not known or not project[lazy_names]:
        return {}
    for each in project[renderings]:
        lookup = known.get(each.lookup)
        files = find(project, lookup, each.names[0]) if lookup is not None and len(each.names) == 1 else ()
        may_load = project[_may_load, files[0]] if files else False
        if may_load:
            found.setdefault(each.at.path, {})[each.at.at] = (each.scope[1], files[0])
    return found


def rendering_in(project: Project, path: str) -> frozenset[str]:
    """The functions of a file that render such a template."""
    return frozenset(function for function, _ in project[pages].get(path, {}).values())


def page_of(project: Project, path: str, call: tree.Call) -> str:
    """The template that a call renders, `""` for none."""
    known = project[pages].get(path)
    for each in (*call.args, *(keyword.value for keyword in call.keywords)) if known else ():
        if known and each.at in known:
            return known[each.at][1]
    return ""


def _may_load(project: Project, file: str) -> bool:
    """Whether a template, or one that it builds on, reads an attribute of the name of a relationship."""
    names = project[lazy_names]
    waiting, seen = [file], {file}
    while waiting:
        known = project[template, (waiting.pop(), JINJA)]
        if any(not names.isdisjoint(each.path.split(".")[1:]) for each in known.reads):
            return True
        more = {target for each in known.references if (target := _target(project, each))} - seen
        seen |= more
        waiting.extend(sorted(more))
    return False


def _target(project: Project, reference: Reference) -> str:
    """The file of a template that another one builds on; macros that are imported are passed over."""
    if len(reference.names) != 1 or reference.kind == "import":
        return ""
    for lookup in project[lookups]:
        files = find(project, lookup, reference.names[0]) if lookup.language == JINJA else ()
        if files:
            return files[0]
    return ""


def rendered(run: Run, file: str, given: Given, state: State, at: At) -> State:
    """What is known after a template was rendered with the arguments of a call."""
    context = _context(given, state)
    if not any(value is not None for value in context.values()):
        return state
    outer, told = run.frame, set(run.seen)
    step = Evidence(outer.at(at), f"renders `{file.rpartition('/')[2]}`")
    run.frame = outer._replace(chain=(*outer.chain, step))
    kept = {key: value for key, value in state.names.items() if key.startswith("<")}
    after = _walk(run, file, State({**kept, **context}, state.heap), _DEPTH, frozenset())
    run.frame = outer
    for key in [key for key, each in run.seen.items() if key not in told and each.kind not in _KINDS]:
        del run.seen[key]
    return State(state.names, after.heap)


def _context(given: Given, state: State) -> dict[str, Value]:
    """The names that a template gets: keywords, and the items of dicts."""
    found: dict[str, Value] = {}
    for name, node, value in given.keywords:
        if isinstance(value, Fields) and name in (None, "context"):
            found.update(value.items)
        elif name is not None:
            found[name] = value
        elif isinstance(node, tree.Call) and getattr(node.func, "text", "") == "locals":
            found.update({key: each for key, each in state.names.items() if key.isidentifier()})
    for value in given.values:
        found.update(value.items if isinstance(value, Fields) else ())
    return found


def _walk(run: Run, file: str, state: State, depth: int, taken: frozenset[str]) -> State:
    """One template from top to bottom: a loop binds its names where its tag ends. Blocks that are `taken` are left."""
    outer, known = run.frame, run.project[template, (file, JINJA)]
    run.frame = Frame(file, "", f"{outer.tag}{file}>", outer.chain, [])
    for _, each in sorted(_steps(known), key=lambda step: step[0]):
        if known.hides(each.at, taken):
            continue
        if isinstance(each, Read):
            _, state = _value(run, each.path, state, each.at)
        elif isinstance(each, Loop):
            value, state = _value(run, each.over, state, each.at)
            names = tuple(tree.Path(name, each.at) for name in each.names)
            target = names[0] if len(names) == 1 else tree.Sequence("tuple", names, each.at)
            state = entered(run, target, value, state, each.at) if names else state
        else:
            inner = _target(run.project, each)
            if inner and inner != file and depth > 0:
                hidden = taken | known.replaced if each.kind == "extends" else frozenset()
                state = State(state.names, _walk(run, inner, state, depth - 1, hidden).heap)
    run.frame = outer
    return state


def _steps(known: Template) -> list[tuple[tuple[int, int], Read | Loop | Reference]]:
    found: list[tuple[tuple[int, int], Read | Loop | Reference]] = [(each.at[:2], each) for each in known.reads]
    found += [(each.at[2:], each) for each in known.loops]
    found += [(each.at[:2], each) for each in known.references]
    return found


def _value(run: Run, path: str, state: State, at: At) -> tuple[Value, State]:
    root, _, rest = path.partition(".")
    return run.read(state.names.get(root), rest, state, at)
