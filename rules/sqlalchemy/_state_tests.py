"""What the conditions on a path come out as, when what is known of names decides them."""

from __future__ import annotations

from cdlint.facts import tree

from ._registry import is_related, lineage
from ._state_run import UNSET, Run
from ._state_values import Known, Ref, Session, State, Thing, Value
from ._statements import mapped_class


def decided(run: Run, test: tree.Node, state: State) -> Value:
    """What a test comes out as, when constants decide it."""
    inner = test.value if isinstance(test, tree.Unary) and test.op == "not" else test
    if isinstance(inner, tree.Call) and getattr(inner.func, "text", "") == "isinstance":
        known = _is_of_class(run, inner, state)
        return Known(known is (inner is test)) if known is not None else None
    if isinstance(inner, tree.Boolean):
        return _of_several(run, inner, inner is test, state)
    terms = inner.terms if isinstance(inner, tree.Compare) else (inner,)
    if not any(isinstance(term, tree.Path) and _may_decide(term, state) for term in terms):
        return None
    was, run.silent = run.silent, run.silent + 1
    value, _ = run.value(test, state)
    run.silent = was
    return Known(None) if isinstance(value, Thing) and value.symbol == UNSET else value


def _of_several(run: Run, test: tree.Boolean, plain: bool, state: State) -> Value:
    """What `and` and `or` come out as, when one of their conditions decides."""
    values = [decided(run, each, state) for each in test.values]
    truths = [bool(each.value) if isinstance(each, Known) else None for each in values]
    ends = test.op == "or"
    if ends in truths:
        return Known(ends is plain)
    return None if None in truths else Known((not ends) is plain)


def _is_of_class(run: Run, test: tree.Call, state: State) -> bool | None:
    """Whether `isinstance(row, Order)` holds of an instance of a mapped class; None when that is not known."""
    held = state.names.get(getattr(test.argument(0), "text", ""))
    entity = state.heap.get(held.key) if isinstance(held, Ref) else None
    wanted = test.argument(1)
    named = wanted.items if isinstance(wanted, tree.Sequence) else (wanted,)
    classes = [mapped_class(run.project, run.frame.place, each.text) for each in named if isinstance(each, tree.Path)]
    if entity is None or len(classes) != len(named) or None in classes:
        return None
    if any(each in run.project[lineage, entity.cls] for each in classes):
        return True
    return None if any(each is not None and is_related(run.project, each, entity.cls) for each in classes) else False


def shown(run: Run, test: tree.Node, truth: bool, state: State) -> State:
    """What a test says of what is loaded: `"posts" in user.__dict__`, `"posts" in inspect(user).unloaded`."""
    while isinstance(test, tree.Unary) and test.op == "not":
        test, truth = test.value, not truth
    if isinstance(test, tree.Boolean) and (test.op == "and") is truth:
        for each in test.values:
            state = shown(run, each, truth, state)
        return state
    if not isinstance(test, tree.Compare) or test.ops not in (("in",), ("not in",)):
        return state
    name, place = test.terms
    about, is_listing = _looked_into(place)
    ref = state.names.get(about)
    if not isinstance(name, tree.Constant) or not isinstance(ref, Ref) or ref.key not in state.heap:
        return state
    if (truth is (test.ops == ("in",))) is not is_listing:
        return state
    return state.change(ref.key, assigned=state.heap[ref.key].assigned | {name.value})


def _looked_into(place: tree.Node) -> tuple[str, bool]:
    """The instance whose attributes are listed in an expression, and whether those that are loaded are."""
    if isinstance(place, tree.Path) and place.last == "__dict__":
        return place.text.rpartition(".")[0], True
    if isinstance(place, tree.Call):
        key = place.argument(1)
        by_name = getattr(place.func, "text", "") == "getattr" and isinstance(key, tree.Constant)
        if (by_name and getattr(key, "value", "") == "__dict__") or getattr(place.func, "text", "") == "vars":
            return getattr(place.argument(0), "text", ""), True
    of_inspection = isinstance(place, tree.Attribute) and isinstance(place.value, tree.Call)
    if isinstance(place, tree.Attribute) and of_inspection and place.text in ("dict", "unloaded"):
        return getattr(place.value.argument(0), "text", ""), place.text == "dict"
    return "", True


def _may_decide(term: tree.Path, state: State) -> bool:
    """Whether a name stands for a constant, or for an attribute of an instance that may be unset."""
    held = state.names.get(term.text)
    if "." in term.text:
        return isinstance(state.names.get(term.root), Ref)
    return isinstance(held, (Known, Session)) or (isinstance(held, Thing) and held.symbol == UNSET)
