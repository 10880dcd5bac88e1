"""What names and parameters of a function stand for, where queries are concerned."""

from __future__ import annotations

from collections.abc import Mapping

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, classes_of, functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.names import member
from cdlint.project.values import evaluate

from ._annotated import annotated_in, fetched_behind
from ._query_graph import back, info, user_model
from ._query_models import is_model, model_target
from ._querysets_managers import default_manager, is_manager, manager, method_classes, users
from ._querysets_values import FROM_ELSEWHERE, NOTHING, Cls, Items, Later, One, Rows, Value, below, loads

_ROWS = frozenset({"QuerySet", "Manager", "BaseManager", "RelatedManager", "QuerySetAny", "ManyRelatedManager"})
_LISTS = frozenset(
    {
        "list", "List", "Iterable", "Sequence", "tuple", "set", "Collection", "Iterator",
    }
)  # fmt: skip
_OF_ONE = frozenset({"DetailView", "UpdateView", "DeleteView", "BaseDetailView", "SingleObjectMixin"})
_OF_INSTANCES = frozenset({"pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"})
"""The signals whose instance is one of the sender."""
_HAVE_USERS = ("request.user", "self.request.user", "info.context.user")


def parameter(project: Project, path: str, function: Function, index: int) -> Value:
    """What a parameter is when no call says it."""
    param = function.params[index]
    if index == 0 and function.owner and param.kind in ("positional", "positional-only"):
        return _this(project, path, function)
    if param.annotation_code is None:
        return _of_sender(project, path, function) if param.name == "instance" and function.decorator_codes else None
    return annotated(project, path, function.owner, param.annotation)


def _of_sender(project: Project, path: str, function: Function) -> Value:
    """The instance that a handler of signals is given: of the model that its decorators name."""
    calls = [each for each in function.decorators if isinstance(each, tree.Call)]
    handlers = [each for each in calls if getattr(each.func, "last", "") == "receiver"]
    signals = {each.last for call in handlers for each in tree.walk(*call.args) if isinstance(each, tree.Path)}
    senders = [each.keyword("sender") for each in handlers if signals <= _OF_INSTANCES]
    known = [resolve_in(project, path, "", each.text) if isinstance(each, tree.Path) else None for each in senders]
    model = known[0] if known and all(each == known[0] for each in known) else None
    is_one = isinstance(model, Symbol) and model.kind == "class" and is_model(project, model)
    return One(model) if isinstance(model, Symbol) and is_one else None


def _this(project: Project, path: str, function: Function) -> Value:
    names = {getattr(each, "last", "") for each in function.decorators} if function.decorator_codes else set()
    cls = Symbol("class", path, function.owner)
    if "staticmethod" in names or function.owner not in project[classes_of, path]:
        return None
    if is_model(project, cls):
        return Cls(cls) if "classmethod" in names else One(cls, names=FROM_ELSEWHERE)
    if is_manager(project, cls):
        owners = project[users].get(cls, ())
        classes = project[method_classes, cls]
        if len(owners) != 1 or classes is None:
            return None
        added = project[annotated_in, path]
        return Rows(owners[0], added - {"*"}, "*" in added, managers=classes, manager=True)
    return Symbol("instance", path, function.owner)


def annotated(project: Project, path: str, owner: str, node: Node) -> Value:
    """What an annotation promises."""
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        text = node.value.strip().removesuffix(" | None").strip("'\"")
        inner = text[text.find("[") + 1 : -1] if text.endswith("]") and "[" in text else ""
        if inner and all(map(str.isidentifier, inner.split("."))):
            head = tree.Path(text.partition("[")[0], node.at)
            return annotated(project, path, owner, tree.Subscript(head, tree.Path(inner, node.at), node.at))
        return (
            annotated(project, path, owner, tree.Path(text, node.at)) if text.replace(".", "").isidentifier() else None
        )
    if isinstance(node, tree.Binary) and node.op == "|":
        kept = [each for each in node.terms if not (isinstance(each, tree.Constant) and each.value is None)]
        return annotated(project, path, owner, kept[0]) if len(kept) == 1 else None
    if isinstance(node, tree.Subscript) and isinstance(node.value, tree.Path):
        first = node.index.items[0] if isinstance(node.index, tree.Sequence) and node.index.items else node.index
        inner_value = annotated(project, path, owner, first)
        if node.value.last in ("Optional", "Annotated"):
            return inner_value
        if isinstance(inner_value, One) and node.value.last in _ROWS:
            return Rows(inner_value.model, loose=True, selected=frozenset("*"), prefetched=frozenset("*"))
        return Items(inner_value) if isinstance(inner_value, One) and node.value.last in _LISTS else None
    if isinstance(node, tree.Path):
        value = _meant(project, resolve_in(project, path, owner, node.text))
        if isinstance(value, Cls):
            return One(value.model, names=FROM_ELSEWHERE)
        return (
            Symbol("instance", value.path, value.name) if isinstance(value, Symbol) and value.kind == "class" else None
        )
    return None


def _meant(project: Project, answer: Answer) -> Value:
    """A model class as such, anything else as it is."""
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "class":
        return Cls(answer) if is_model(project, answer) else answer
    if answer.kind == "variable":
        answer = evaluate(project, (answer.path, ""), tree.Path(answer.name, (1, 0, 1, 0)))
        if not isinstance(answer, Symbol) or answer.kind == "variable":
            return None
        return _meant(project, answer)
    if answer.kind == "external" and answer.name.endswith("get_user_model()"):
        user = project[user_model]
        return Cls(user) if user is not None else None
    if answer.kind == "external" and answer.name.startswith("django.contrib.") and ".models." in answer.name:
        target = model_target(answer)
        return Cls(target) if target is not None else answer
    return answer


def path_value(project: Project, path: str, function: Function, env: Mapping[str, Value], text: str) -> Value:
    """What a dotted name is in a function whose names are these."""
    if text in _HAVE_USERS:
        user = project[user_model]
        return One(user) if user is not None else None
    known, dot = text, "."
    while dot and known not in env and known not in _HAVE_USERS:
        known, dot, _ = known.rpartition(".")
    if known in env:
        value = env[known]
    elif known:
        value = path_value(project, path, function, env, known)
    else:
        known = text.partition(".")[0]
        value = project[global_value, (path, function.qualname if known in function.binds else "", known)]
        if value is None and known not in function.binds:
            value = _outer(project, path, function, known)
    if value is not None and len(known) < len(text):
        for name in text[len(known) + 1 :].split("."):
            value = step(project, value, name)
    return value


def _outer(project: Project, path: str, function: Function, name: str) -> Value:
    """A class or import that a function around this one has."""
    scope = function.parent
    return _meant(project, resolve_in(project, path, scope, name)) if scope else None


def global_value(project: Project, key: tuple[str, str, str]) -> Value:
    """What a name means in a scope of a module, for `(path, scope, name)`."""
    path, scope, name = key
    return _meant(project, resolve_in(project, path, scope, name))


def step(project: Project, value: Value, name: str) -> Value:
    """An attribute of a value."""
    if isinstance(value, Later):
        from ._querysets import forced

        value = forced(project, value)
    if isinstance(value, Cls):
        return (
            project[manager, (value.model, name)] if isinstance(value.model, Symbol) else _outside(project, value, name)
        )
    if isinstance(value, Rows):
        if name == "object_list":
            return value
        return Cls(value.model) if name == "model" else None
    if isinstance(value, One):
        return _of_row(project, value, name)
    if isinstance(value, Symbol) and value.kind == "module":
        return _meant(project, member(project, value, name))
    if isinstance(value, Symbol) and value.kind == "external":
        return Symbol("external", "", f"{value.name}.{name}")
    if isinstance(value, Symbol) and value.kind in ("instance", "class"):
        return _of_object(project, value, name)
    return None


def _outside(project: Project, value: Cls, name: str) -> Value:
    return default_manager(project, value.model) if name == "objects" else None


def _of_row(project: Project, row: One, name: str) -> Value:
    known = project[info, row.model]
    found = known.names.get(name)
    query = name
    if found is None or (found.accessor and found.accessor != name):
        found, query = next(
            ((each, key) for key, each in known.names.items() if each.accessor == name), (None, name)
        )  # fmt: skip
    if found is None or found.target is None:
        return Cls(row.model) if name == "__class__" else None
    within = f"{row.within}__{query}" if row.within else query
    if found.kind in ("key", "one", "reverse-one"):
        selected, prefetched = below(row.selected, query), below(row.prefetched, name)
        selected |= {back(project, row.model, query, found)}
        return One(found.target, selected, prefetched, loop=row.loop, within=within, names=row.names & FROM_ELSEWHERE)
    if found.kind in ("many", "reverse", "generic-many"):
        rows = default_manager(project, found.target)
        if rows is None:
            return None
        # The row that relations to many start from is known to each of them: if there is one only, with all it loads.
        start = found.field if row.loop else f"{found.field}__*"
        inside = below(row.prefetched, name) | ({start} if found.kind == "reverse" else set())
        maybe = project[fetched_behind, name] if row.names & FROM_ELSEWHERE else NOTHING
        both = rows.prefetched | inside, rows.selected | inside
        loaded = loads(row.prefetched, name)
        return rows._replace(manager=True, prefetched=both[0], selected=both[1], loaded=loaded, maybe=maybe)
    return None


def _of_object(project: Project, value: Symbol, name: str) -> Value:
    """An attribute of an object or class of the repository: a method, or what its class body assigns."""
    cls = Symbol("class", value.path, value.name)
    found = project[class_member, (cls, name)]
    if isinstance(found, Symbol) and found.kind == "function":
        return Later(found, (("self", value),)) if value.kind == "instance" else Later(found)
    if isinstance(found, Symbol) and found.kind == "class":
        return _meant(project, found)
    attribute = project[class_attribute, (cls, name)]
    if attribute is not None or value.kind == "class":
        return attribute
    try:
        return _assigned(project, cls, name) or (_shown(project, value, cls) if name == "object" else None)
    except CyclicFact:
        return None


def _shown(project: Project, view: Symbol, cls: Symbol) -> Value:
    """`self.object` of a view of one object, when the view does not fetch it in a way of its own."""
    from ._querysets_views import outside_view

    above = project[ancestry, cls]
    single = any(name.rpartition(".")[2] in _OF_ONE for name in above.external)
    own = project[class_member, (cls, "get_object")]
    own_method = isinstance(own, Symbol) and own.kind == "function"
    return outside_view(project, view, "get_object") if single and not above.unknown and not own_method else None


def constructed(project: Project, cls: Symbol) -> dict[str, tuple[Symbol, Node]]:
    """Attribute -> constructor and value of each `self.attribute = value` in the constructors of a class."""
    found: dict[str, tuple[Symbol, Node]] = {}
    for owner in project[ancestry, cls].first_party:
        function = project[functions_of, owner.path].get(f"{owner.name}.__init__")
        if function is None or not function.params:
            continue
        prefix = function.params[0].name + "."
        for node in function.nodes:
            for target in node.targets if isinstance(node, tree.Assign) else ():
                if isinstance(target, tree.Path) and target.text.startswith(prefix) and node.value is not None:
                    scope = Symbol("function", owner.path, function.qualname)
                    found.setdefault(target.text[len(prefix) :], (scope, node.value))
    return found


def _assigned(project: Project, cls: Symbol, name: str) -> Value:
    """What `self.name = X()` of a constructor makes it, when that is an object of the repository."""
    held = project[constructed, cls].get(name)
    if held is None:
        return None
    found = evaluate(project, (held[0].path, held[0].name), held[1])
    if not isinstance(found, Symbol) or found.kind not in ("instance", "class"):
        return None
    inner = Symbol("class", found.path, found.name)
    if is_model(project, inner):
        return (
            One(inner, selected=frozenset("*"), prefetched=frozenset("*")) if found.kind == "instance" else Cls(inner)
        )
    return found


def class_attribute(project: Project, key: tuple[Symbol, str]) -> Value:
    """What the body of a class assigns to a name, for `(class, name)`: a model, or rows."""
    from ._querysets import Place, Tracer

    cls, name = key
    for owner in project[ancestry, cls].first_party:
        facts = class_facts(project, owner)
        bound = [each for each in facts.fields if each.name == name and each.kind == "assign"] if facts else []
        module = project.module(owner.path)
        if bound and module is not None:
            if not bound[-1].callee and not isinstance(bound[-1].value, tree.Path):
                return None
            tracer = Tracer(project, Place(owner.path, ""), module.main)
            value = tracer.forced(tracer.value(bound[-1].value))
            return value if isinstance(value, (Rows, Cls)) else None
    return None
