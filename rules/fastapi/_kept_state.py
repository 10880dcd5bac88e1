"""What code reads of `app.state`, and whether anything sets it."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._given import HOLDERS, is_of_framework, is_used

_HARMLESS = (*HOLDERS, "builtins.", "httpx.", "uvicorn.", "hypercorn.", "mangum.")


def reading(project: Project) -> tuple[str, ...]:
    """The files that read what an application keeps."""
    if not project[is_used]:
        return ()
    return tuple(path for path in project.paths if not is_aside(path) and project[_states_in, path])


def _states_in(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.mentions("app.state.") for each in module.functions)


def never_kept(project: Project, path: str) -> tuple[tuple[str, str, At], ...]:
    """What a file reads of `app.state` that nothing sets: the name, the code and the place."""
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        if not function.mentions("app.state."):
            continue
        for node in function.every(tree.Path):
            before, _, after = node.text.partition("app.state.")
            name = after.partition(".")[0]
            if not after or (before and not before.endswith(".")) or name.startswith("_"):
                continue
            if not is_of_framework(project, (path, function.qualname), tree.Path(f"{before}app", node.at)):
                continue
            if not any(project[_gives, (other, name)] or project[_hands_over, other] for other in project.paths):
                found.append((name, node.text, node.at))
    return tuple(found)


def _hands_over(project: Project, path: str) -> bool:
    """Whether a file gives an application to a library, which may keep things in its state."""
    module = project.module(path)
    if module is None or is_aside(path) or not any(each.name in ("FastAPI", "Starlette") for each in module.imports):
        return False
    for function in module.functions:
        for call in function.call_nodes:
            scope = (path, function.qualname)
            names = [each for each in (*call.args, *(keyword.value for keyword in call.keywords)) if _is_name(each)]
            if any(_is_application(project, scope, each) for each in names):
                callee = evaluate(project, scope, call.func)
                if isinstance(callee, Symbol) and callee.kind == "external" and not callee.name.startswith(_HARMLESS):
                    return True
    return False


def _is_name(node: tree.Node) -> bool:
    return isinstance(node, tree.Path) and "." not in node.text


def _is_application(project: Project, scope: tuple[str, str], node: tree.Node) -> bool:
    try:
        answer = evaluate(project, scope, node)
    except CyclicFact:
        return True
    return isinstance(answer, Symbol) and answer.name.endswith((".FastAPI()", ".Starlette()"))


def _gives(project: Project, key: tuple[str, str]) -> bool:
    """Whether a file may set an attribute of a name on anything, or give all of a state at once."""
    path, name = key
    module = project.module(path)
    for function in module.functions if module is not None else ():
        if function.mentions("app.state") and any(
            isinstance(target, tree.Path) and target.text.endswith("app.state")
            for node in function.every(tree.Assign)
            for target in node.targets
        ):
            return True
        if function.mentions("setattr") and function.mentions("state"):
            return True
        if not function.mentions(name):
            continue
        for node in function.nodes:
            if isinstance(node, tree.Assign):
                targets: tuple[tree.Node, ...] = node.targets
            elif isinstance(node, tree.With):
                targets = tuple(target for _, target in node.items if target is not None)
            elif isinstance(node, (tree.For, tree.AugAssign)):
                targets = (node.target,)
            elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("hasattr", "getattr", "State"):
                if any(isinstance(each, tree.Constant) and each.value == name for each in node.args):
                    return True
                continue
            else:
                continue
            if any(isinstance(each, tree.Path) and each.text.endswith(f".{name}") for each in tree.walk(*targets)):
                return True
    return False
