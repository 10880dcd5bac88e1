"""What a setting's value may be: for each kind, how to read it from TOML, its schema, how to show it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from . import globs

EDGE_KINDS = ("runtime", "type-only", "deferred", "conditional", "dynamic", "string")
SEVERITIES = ("error", "warning", "note")
OUTPUT_FORMATS = ("text", "concise", "json", "sarif", "github")
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SELECTOR = re.compile(r"ALL|[a-z0-9*?\[\]!-]+(?:/[a-z0-9*?\[\]!-]+)?")
SELECTOR_FORM = "`ALL`, a pack as `flask`, a rule as `flask/unused-blueprint`, or a glob as `*/unresolved-*`"


class Wrong(Exception):
    """A value that a setting cannot take: why, and where inside the value."""

    def __init__(self, message: str, at: Sequence[str | int] = (), value: str | None = None) -> None:
        super().__init__(message)
        self.at = tuple(at)
        self.value = value
        """The string that is wrong, by which its line is found."""


class Layers(NamedTuple):
    """One contract over layers: which modules are in each, and that imports go downwards only."""

    name: str
    order: tuple[str, ...]
    """Highest first; each may import those below it."""
    members: tuple[tuple[str, tuple[str, ...]], ...]
    """The module globs of each layer, in the order of `order`."""
    edges: tuple[str, ...]
    """The kinds of imports that count."""


class Kind(NamedTuple):
    """One type of setting."""

    read: Callable[[Any], Any]
    """From what TOML gives to frozen data; raises `Wrong`."""
    schema: Mapping[str, Any]
    plain: Callable[[Any], Any] = lambda value: list(value) if isinstance(value, tuple) else value
    """From frozen data to what TOML or JSON would hold."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or nothing."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.55)
    return f"; did you mean `{near[0]}`?" if near else ""


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {_named(value)}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wrong(f"must be a string that is not empty, not {_named(value)}")
    return value


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Wrong(f"must be a list of strings, not {_named(value)}")
    for item in value:
        if not isinstance(item, str):
            raise Wrong(f"must be a list of strings, but holds {_named(item)}")
    return tuple(value)


def _each(check: Callable[[str], str | None]) -> Callable[[Any], tuple[str, ...]]:
    """Strings of which each passes a check that says what is wrong."""

    def read(value: Any) -> tuple[str, ...]:
        for item in _strings(value):
            reason = check(item)
            if reason:
                raise Wrong(f"`{item}` {reason}", value=item)
        return tuple(value)

    return read


def _selector_problem(text: str) -> str | None:
    if not _SELECTOR.fullmatch(text):
        return f"is no rule selector; write {SELECTOR_FORM}"
    return globs.unclosed(text)


def _root_problem(text: str) -> str | None:
    if text in (".", "./"):
        return None
    reason = globs.problem(text)
    return reason and reason.replace("patterns are", "it must be")


def _folder_problem(text: str) -> str | None:
    if "\0" in text:
        return "has a null character"
    return None if text.strip() else "is empty"


def _path(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise Wrong(f"must be a path, not {_named(value)}")
    return value


def _module_problem(text: str) -> str | None:
    if not re.fullmatch(r"[\w*?\[\]!-]+(\.[\w*?\[\]!-]+)*", text):
        return "is no module pattern; write dotted names with `*` for one and `**` for any number of parts"
    return globs.unclosed(text)


def _size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    text = value.strip().upper() if isinstance(value, str) else ""
    match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*(B|[KMG]I?B)?", text)
    size = int(float(match[1]) * _UNITS[match[2] or "B"]) if match else 0
    if size <= 0:
        raise Wrong(f'must be a number of bytes or a size such as "5 MB", not {_named(value)}')
    return size


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong(f"must be a table of {what}, not {_named(value)}")
    return value


def _per_file(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for pattern, rules in _table(value, "file patterns and the rules to ignore there").items():
        reason = globs.problem(pattern)
        if reason:
            raise Wrong(f"the file pattern {reason}", (pattern,))
        found.append((pattern, _inside(SELECTORS.read, rules, pattern)))
    return tuple(found)


def _severities(value: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for rules, severity in _table(value, "rules or packs and their severity").items():
        reason = _selector_problem(rules)
        if reason:
            raise Wrong(f"the key {reason}", (rules,))
        found.append((rules, _inside(choice(SEVERITIES).read, severity, rules)))
    return tuple(found)


def _options(value: Any) -> tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]:
    found = []
    for rule, options in _table(value, "rule ids and their options").items():
        table = _inside(lambda each: _table(each, "options"), options, rule)
        frozen = tuple((name, _inside(_frozen, each, rule, name)) for name, each in table.items())
        found.append((rule, frozen))
    return tuple(found)


def _frozen(value: Any) -> Any:
    return _strings(value) if isinstance(value, list) else value


def _layers(value: Any) -> tuple[Layers, ...]:
    if not isinstance(value, list | tuple):
        raise Wrong(f"must be an array of tables, `[[…layers]]`, not {_named(value)}")
    found = [_inside(_contract, each, index) for index, each in enumerate(value)]
    names = [contract.name for contract in found]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Wrong(f"two contracts are named `{name}`", (index, "name"))
    return tuple(found)


def _contract(value: Any) -> Layers:
    table = _table(value, "`name`, `order`, `members` and `edges`")
    for key in table:
        if key not in LAYER_KEYS:
            raise Wrong(f"unknown key{did_you_mean(key, LAYER_KEYS)}", (key,))
    for key in LAYER_KEYS[:3]:
        if key not in table:
            raise Wrong(f"`{key}` is missing")
    name = _inside(_text, table["name"], "name")
    order = _inside(_strings, table["order"], "order")
    if len(order) < 2 or len(set(order)) < len(order):
        raise Wrong("must name at least two layers, each once, the highest first", ("order",))
    members = _inside(lambda each: _members(each, order), table["members"], "members")
    edges = _inside(_edges, table.get("edges", list(DEFAULT_EDGES)), "edges")
    return Layers(name, order, members, edges)


def _members(value: Any, order: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    table = _table(value, "layers and their modules")
    for layer in table:
        if layer not in order:
            raise Wrong(f"the layer is not in `order`{did_you_mean(layer, order)}", (layer,))
    found = []
    for layer in order:
        modules = _inside(_each(_module_problem), table.get(layer, []), layer)
        if not modules:
            raise Wrong(f"the layer `{layer}` has no members", (layer,) if layer in table else ())
        found.append((layer, modules))
    return tuple(found)


def _edges(value: Any) -> tuple[str, ...]:
    edges = _strings(value)
    for edge in edges:
        if edge not in EDGE_KINDS:
            raise Wrong(f"`{edge}` is no kind of import; {_one_of(EDGE_KINDS)}", value=edge)
    if not edges:
        raise Wrong(f"must name at least one kind of import; {_one_of(EDGE_KINDS)}")
    return edges


def _inside(read: Callable[[Any], Any], value: Any, *at: str | int) -> Any:
    """Read a part of a value, so that what is wrong with it is placed there."""
    try:
        return read(value)
    except Wrong as wrong:
        raise Wrong(str(wrong), (*at, *wrong.at), wrong.value) from None


def _named(value: Any) -> str:
    """A value in a message: its type in TOML's words, and itself when that is short."""
    kinds = {bool: "the boolean", int: "the integer", float: "the number", str: "the string"}
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    shown = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return f"{kinds.get(type(value), 'the date or time')} {shown if len(shown) <= 60 else shown[:59] + '…'}"


def _one_of(names: Sequence[str]) -> str:
    return "one of " + ", ".join(f"`{name}`" for name in names)


def choice(names: Sequence[str]) -> Kind:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in names:
            near = did_you_mean(value, names) if isinstance(value, str) else ""
            raise Wrong(f"must be {_one_of(names)}, not {_named(value)}{near}")
        return str(value)

    return Kind(read, {"enum": list(names)})


def convert(value: Any, default: Any) -> Any:
    """The value of a rule's option, which has the type of the option's default."""
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, tuple):
        return _strings(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        kinds = {int: "an integer", float: "a number", str: "a string"}
        raise Wrong(f"must be {kinds[type(default)]}, not {_named(value)}")
    return value


def option_schema(default: Any) -> dict[str, Any]:
    """The schema of a rule's option, from its default."""
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "default": list(default)}
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds[type(default)], "default": default}


def _dict_of_lists(value: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return {key: list(each) if isinstance(each, tuple) else each for key, each in value}


def _plain_layers(value: Layers) -> dict[str, Any]:
    plain = {"name": value.name, "order": list(value.order), "members": _dict_of_lists(value.members)}
    return {**plain, "edges": list(value.edges)}


DEFAULT_EDGES = ("runtime", "deferred")
LAYER_KEYS = Layers._fields
_SCHEMA_STRINGS = {"type": "array", "items": {"type": "string"}}
_SCHEMA_SELECTORS = {"type": "array", "items": {"$ref": "#/$defs/selector"}}

BOOLEAN = Kind(_boolean, {"type": "boolean"})
SELECTORS = Kind(_each(_selector_problem), _SCHEMA_SELECTORS)
PATTERNS = Kind(_each(globs.problem), _SCHEMA_STRINGS)
ROOTS = Kind(_each(_root_problem), _SCHEMA_STRINGS)
FOLDERS = Kind(_each(_folder_problem), _SCHEMA_STRINGS)
PATH = Kind(_path, {"type": "string"})
SIZE = Kind(
    _size,
    {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^[0-9.]+ *([KMGkmg][Ii]?[Bb]|[Bb])?$"},
        ]
    },
)
PER_FILE = Kind(_per_file, {"type": "object", "additionalProperties": _SCHEMA_SELECTORS}, _dict_of_lists)
SEVERITY = Kind(
    _severities,
    {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/selector"},
        "additionalProperties": {"enum": list(SEVERITIES)},
    },
    _dict_of_lists,
)
OPTIONS = Kind(
    _options,
    {"type": "object", "additionalProperties": {"type": "object"}},
    lambda value: {rule: _dict_of_lists(options) for rule, options in value},
)
LAYERS = Kind(
    _layers,
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "order": {**_SCHEMA_STRINGS, "minItems": 2, "uniqueItems": True},
                "members": {"type": "object", "additionalProperties": {**_SCHEMA_STRINGS, "minItems": 1}},
                "edges": {
                    "type": "array",
                    "items": {"enum": list(EDGE_KINDS)},
                    "minItems": 1,
                    "default": list(DEFAULT_EDGES),
                },
            },
            "required": list(LAYER_KEYS[:3]),
            "additionalProperties": False,
        },
    },
    lambda value: [_plain_layers(each) for each in value],
)
