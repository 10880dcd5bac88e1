"""What is known of one file: names, imports, bindings, bodies, and files that are no good."""

from __future__ import annotations

import marshal
import sys

import pytest

from cdlint.facts.codec import decode
from cdlint.facts.model import Function, Module, encode, load
from cdlint.facts.parse import facts_of
from cdlint.facts.tree import CLASSES, TAG, Assign, Call, Constant, Path, walk
from cdlint.project.calls import words

from .facts import LIMIT, broken, module, unbound

NAMES = {
    "comprehension": ("x = [i for i in y]\ni", ["i", "y"]),
    "comprehension, inner iterable": ("[b for a in x for b in a if c]", ["c", "x"]),
    "class body": ("class A:\n  x = 1\n  def f(self): return x", ["x"]),
    "class body, lambda": ("class A:\n  x = 1\n  y = lambda: x", ["x"]),
    "class body, first iterable": ("class A:\n  x = [1]\n  y = [i for i in x]", []),
    "class body, default": ("class A:\n  y = 1\n  def f(self, z: y = y) -> y: ...", []),
    "class body, later": ("class A:\n  import os\n  os\nos", ["os"]),
    "lambda": ("lambda a, *b, c=d, **e: (a, b, c, e, f)", ["d", "f"]),
    "global": ("def f():\n  global g\n  g = 1\ng", []),
    "global, unset": ("def f():\n  global g\n  print(g)", ["g"]),
    "global def": ("def f():\n  global a, B, e\n  def a(): pass\n  class B: pass\n  import e\na, B, e", []),
    "nonlocal": ("def f():\n  x = 1\n  def h():\n    nonlocal x\n    x = 2\n  return x\nx", ["x"]),
    "closure": ("def outer():\n  def inner(): return later\n  later = 1", []),
    "walrus": ("print([y := 1 for _ in [1]], y)", []),
    "walrus in function": ("def f():\n  [z := 1 for _ in [1]]\n  return z\nz", ["z"]),
    "walrus in lambda": ("lambda: (w := 1)\nw", ["w"]),
    "except as": ("try: pass\nexcept E as e: print(e)", ["E"]),
    "match": (
        "match q:\n  case {'a': b, **r}: b, r\n  case [c, *d]: c, d\n  case P(x=e) as g: e, g\n  case _: h",
        ["P", "h", "q"],
    ),
    "for and with": ("for i, (j, *k) in a: i, j, k\nwith b as (c, d): c, d\ni", ["a", "b"]),
    "async": ("async def f():\n  async for a in b: a\n  async with c as d: d\n  [e async for e in g]", ["b", "c", "g"]),
    "star import": ("from a import *\nfoo", ["foo"]),
    "star import in function": ("def f():\n  from x import *\n  y", ["y"]),
    "guarded": ("try:\n  unicode\nexcept NameError:\n  pass", []),
    "guarded, among others": ("try:\n  unicode\nexcept (NameError, OSError):\n  other", ["other"]),
    "guarded, bare": ("try:\n  unicode\nexcept:\n  pass", ["unicode"]),
    "guarded, another error": ("try:\n  unicode\nexcept OSError:\n  pass", ["unicode"]),
    "exports": ("__all__ = ['a', 'b']\n__all__ += ['c']", []),
    "annotations": ("x: Foo = 1\ndef f(a: X) -> Y:\n  y: Bar = 1", ["Foo", "X", "Y"]),
    "lazy annotations": ("from __future__ import annotations\nx: Foo = 1\ndef f(a: X) -> Y: ...", []),
    "defaults and decorators": (
        "@deco(a)\ndef f(x=b, *, y=c): pass\n@d\nclass A(B, metaclass=M): pass",
        ["B", "M", "a", "b", "c", "d", "deco"],
    ),
    "import": ("import a.b.c\nimport d as e\na, e, d, b", ["b", "d"]),
    "targets are loads": ("x[0] = 1\ny.z = 2", ["x", "y"]),
    "f-string": ("f'{a} {b:{c}}'", ["a", "b", "c"]),
    "builtins": ("print, __file__, _, WindowsError, reveal_type, __builtins__", []),
    "class cell": ("class A:\n  z = __qualname__\n  def f(self): return __class__", []),
    "exec": ("def f():\n  exec('x = 1')\nx", []),
    "globals": ("def f():\n  globals()['x'] = 1\nx", []),
    "globals update": ("globals().update(a=1)\nx", []),
    "locals": ("x = locals()\ny", []),
    "locals in function": ("def f(): return locals(), x", ["x"]),
    "module getattr": ("def __getattr__(name): pass\nx", ["x"]),
    "type parameters": ("def f[T](a: T) -> T: T\ntype X[K] = dict[K, Later]\nclass A[V: B](Base[V]): v: V", ["Base"]),
    "type parameters in class": ("class A:\n  T = int\n  def f[U](self, u: U) -> T: return T", ["T"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "names"), NAMES.values(), ids=NAMES)
def test_unbound_names(source: str, names: list[str]) -> None:
    assert unbound(source) == names


IMPORTS = {
    "import a": "runtime",
    "if TYPE_CHECKING:\n  import a": "type-only",
    "if typing.TYPE_CHECKING:\n  if x:\n    import a": "type-only",
    "if not TYPE_CHECKING:\n  import a": "runtime",
    "if TYPE_CHECKING: pass\nelse:\n  import a": "runtime",
    "if not TYPE_CHECKING: pass\nelse:\n  import a": "type-only",
    "if False:\n  import a": "type-only",
    "if x:\n  import a": "conditional",
    "if x: pass\nelif y:\n  import a": "conditional",
    "try:\n  import a\nexcept ImportError: pass": "conditional",
    "try: pass\nexcept ImportError:\n  import a": "conditional",
    "try:\n  import a\nexcept ValueError: pass": "runtime",
    "try:\n  import a\nfinally: pass": "runtime",
    "for x in y:\n  import a": "conditional",
    "with x:\n  import a": "runtime",
    "def f():\n  import a": "deferred",
    "class A:\n  import a": "runtime",
    "class A:\n  def f(self):\n    import a": "deferred",
    "def f():\n  class A:\n    import a": "deferred",
    "def f():\n  if TYPE_CHECKING:\n    import a": "type-only",
    "if TYPE_CHECKING:\n  def f():\n    import a": "type-only",
    "if __name__ == '__main__':\n  import a": "deferred",
    "if __name__ != '__main__':\n  import a": "runtime",
}


@pytest.mark.parametrize(("source", "kind"), IMPORTS.items())
def test_import_kinds(source: str, kind: str) -> None:
    assert [each.kind for each in module(source).imports] == [kind]


def test_import_forms() -> None:
    found = module("import a.b, c.d as e\nfrom ..f import g as h, i\nfrom . import *\ndef f():\n  import j as j\n")
    assert [each[:4] for each in found.imports] == [
        ("a.b", None, "a", False),
        ("c.d", None, "e", True),
        ("..f", "g", "h", True),
        ("..f", "i", "i", False),
        (".", "*", "*", False),
        ("j", None, "j", True),
    ]
    assert [each.scope for each in found.imports][-2:] == ["", "f"]
    assert found.imports[1].at == (1, 12, 1, 20)


def test_bindings_and_guards() -> None:
    found = module(
        "a = b = f(1)\nc, (d, *e) = 1, (2, 3)\ng: int\nh: int = 1\nh += 2\ndel h\n"
        "if x:\n  i = 1\nelse:\n  i = 2\ntry:\n  j = 1\nexcept ImportError:\n  j = 2\n"
        "for k in x:\n  m = 1\nwith x as n: pass\nif __name__ == '__main__':\n  o = 1\n"
        "def p(): q = 1\nclass r: s = 1\n"
    )
    assert [(each.name, each.kind, each.guard) for each in found.bindings] == [
        ("a", "assign", ""), ("b", "assign", ""), ("c", "assign", ""), ("d", "assign", ""), ("e", "assign", ""),
        ("g", "annotation", ""), ("h", "assign", ""), ("h", "augment", ""), ("h", "delete", ""),
        ("i", "assign", "if"), ("i", "assign", "else"), ("j", "assign", "try"), ("j", "assign", "except"),
        ("k", "target", ""), ("m", "assign", "loop"), ("n", "target", ""), ("o", "assign", "main"),
        ("p", "function", ""), ("r", "class", ""),
    ]  # fmt: skip
    first, *_, function, class_ = found.bindings
    assert (first.callee, type(first.value)) == ("f", Call)
    assert found.bindings[2].value is None
    assert found.functions[function.ref].name == "p"
    assert [field.name for field in found.classes[class_.ref].fields] == ["s"]


def test_exports() -> None:
    assert module("x = 1").exports is None
    assert module("__all__ = ['a']\n__all__ += ('b',)")[4:6] == (("a", "b"), True)
    assert module("__all__ = ['a', *x]")[4:6] == (("a",), False)
    assert module("__all__ = f()")[4:6] == (None, False)


def test_functions_and_classes() -> None:
    found = module(
        "class A(B, table=True):\n  @d.e(1)\n  async def f(self, a, /, b: int = 1, *c, g=2, **h) -> str:\n"
        "    def inner(): yield a\n    self.x.y(inner()); z()()\n    return [w() for _ in b]\n  class C: pass\n"
    )
    method, inner = found.functions[1:]
    assert (method.qualname, method.owner, method.is_async, method.is_generator) == ("A.f", "A", True, False)
    assert (inner.qualname, inner.owner, inner.parent, inner.is_generator) == ("A.f.inner", "", "A.f", True)
    kinds = ["positional-only", "positional-only", "positional", "*", "keyword", "**"]
    assert [param.kind for param in method.params] == kinds
    assert method.params[2].default.value == 1
    assert method.calls == ("?", "inner", "self.x.y", "w", "z")
    assert method.binds == ("a", "b", "c", "g", "h", "inner", "self")
    assert (method.at, method.end_line) == ((3, 12, 3, 13), 6)
    assert method.decorators[0].func.text == "d.e"
    outer, nested = found.classes
    assert (outer.methods, outer.bases[0].text, outer.keywords[0][0]) == (("f",), "B", "table")
    assert (nested.qualname, nested.parent) == ("A.C", "A")


EVERYTHING = """
import os
@a.b
async def f(p, *q, **r):
    global g
    x = y = z.w(1, *q, k=2, **r)
    x[1:2:3, ...] += -x ** 2 // 3
    f"{x!r:>{y}} text"
    assert not x, "m"
    del x, y[0]
    if a < b <= c and d or e: pass
    elif (w := 1): return
    else: raise E from x
    for i, *j in [1, 2.5, 3j]:
        break
    else:
        continue
    async for i in (): await g().h.i
    while {1, b"2"}: yield
    with a as b, c: yield from {1: 2, **x}
    async with a: pass
    try: pass
    except (A, B) as e: pass
    except C: pass
    else: pass
    finally: pass
    match x:
        case {"a": [1, *s], **t} if u: pass
        case P(1, k=2) | None as v: pass
    lambda a, *b: a if b else None
    [i for i in x if i for j in i], {i: j async for i in x}, {i for i in x}, (i for i in x)
    class C(metaclass=M):
        v: int = True
    def n(): nonlocal x
"""


def test_every_node_decodes_and_encodes_again() -> None:
    raw = marshal.loads(facts_of(EVERYTHING.encode(), LIMIT))
    found = module(EVERYTHING)
    nodes = [node for function in found.functions for node in walk(*function.body, *function.decorators)]
    assert {type(node).__name__ for node in nodes} == {cls.__name__ for cls in CLASSES} - {"Opaque"}
    assert load(encode(raw)) == found
    for function in found.functions:
        for code, node in zip(marshal.loads(function.body_code), function.body, strict=True):
            assert decode(code) == node


def test_places_are_those_of_the_source() -> None:
    source = "é = a.b(\n    c,\n    'ü' + d.e)\n"
    lines = [line.encode() for line in source.splitlines()]
    texts = {}
    for node in walk(*module(source).main.body):
        line, column, end_line, end_column = node.at
        if line == end_line:
            texts[type(node).__name__] = lines[line - 1][column:end_column].decode()
        else:
            assert (line, end_line) == (1, 3)
    assert texts == {"Path": "d.e", "Constant": "'ü'", "Binary": "'ü' + d.e"}


def test_a_nested_body_is_its_own() -> None:
    found = module("def f():\n  x = 1\n  def g():\n    y = 2\n  class A:\n    z = 3\n")
    assigned = [
        [target.text for node in walk(*function.body) if isinstance(node, Assign) for target in node.targets]
        for function in found.functions
    ]
    assert assigned == [[], ["x", "z"], ["y"]]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("x = " + "(" * 10_000 + "1" + ")" * 10_000, "syntax"),
        ("x = " + "+".join(["1"] * 5_000), "too-deep"),
        ("x = " + "-" * 100_000 + "1", "too-deep"),
        ("x = a" + ".b()" * 3_000, "too-deep"),
        ("x = 1\0\n", "syntax"),
        ("# coding: nonsense\nx = 1\n", "undecodable"),
        ("# coding: hex\nx = 1\n", "undecodable"),
        (b"x = '\xff'\n", "undecodable"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "undecodable"),
        ("x = '\\N{no such name}'\n", "syntax"),
    ],
)
def test_hostile_files(source: str | bytes, kind: str) -> None:
    if sys.version_info >= (3, 12) and kind == "too-deep":
        found = load(facts_of(source.encode() if isinstance(source, str) else source, LIMIT))
        assert getattr(found, "kind", "too-deep") == "too-deep"
    else:
        assert broken(source).kind == kind


def test_large_files() -> None:
    assert load(facts_of(b"x = 1\n" * 10, 20)).kind == "too-large"  # type: ignore[union-attr]


@pytest.mark.parametrize("source", [b"\xef\xbb\xbfx = 1\ny\n", b"x = 1\r\ny\r\n", b"x = 1\ry\r", b"\x0cx = 1\n\x0cy\n"])
def test_odd_layouts(source: bytes) -> None:
    found = module(source)
    assert [(each.name, each.at[0]) for each in found.unbound] == [("y", 2)]
    assert found.lines == 3


def test_an_empty_file() -> None:
    found = module("")
    assert (found.bindings, found.main.body, found.lines) == ((), (), 1)


def test_a_long_list() -> None:
    (assign,) = module("x = [" + "1," * 200_000 + "]").main.body
    assert len(assign.value.items) == 200_000


@pytest.mark.parametrize(
    "deep",
    [
        "x = a" + ".b()" * 320,
        "@" + "a" + ".b()" * 320 + "\ndef x(): pass",
        "class x(a" + ".b()" * 320 + "): pass",
        "def x(y=a" + ".b()" * 320 + "): pass",
        "try:\n  x = [i for i in a" + "[0]" * 320 + "]\nexcept NameError: pass",
        "x = " + "lambda: " * 400 + "1",
    ],
)
def test_code_too_deep_to_keep_spoils_nothing_else(deep: str) -> None:
    found = module(f"def before(): pass\n{deep}\ndef after(a=missing): x\nclass Last: y = 1\n")
    assert found.opaque
    assert found.dynamic
    assert found.unbound == ()
    assert [function.name for function in found.functions] == ["", "before", "after"]
    bindings = [(each.name, each.ref) for each in found.bindings if each.name != "x"]
    assert bindings == [("before", 1), ("after", 2), ("Last", 0)]
    assert [each.name for each in found.classes] == ["Last"]
    assert list(walk(*found.functions[2].body))


def test_what_is_too_deep_does_not_depend_on_the_caller() -> None:
    sources = [("x = a" + ".b()" * length).encode() for length in range(150, 340, 10)]

    def nested(depth: int) -> list[bytes]:
        return [facts_of(source, LIMIT) for source in sources] if depth == 0 else nested(depth - 1)

    assert nested(0) == nested(150)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("x = 1\ny = = 2\n", 2, 4), ("x = 'a' ? 2\n", 1, 8), ("if x:\n    pass\n  y\n", 3, 3), ("x = (\n", 1, 4)],
)
def test_where_syntax_errors_are(source: str, line: int, column: int) -> None:
    found = broken(source)
    assert (found.kind, found.line, found.column) == ("syntax", line, column)


def test_paths() -> None:
    path = Path("a.b.c", (1, 0, 1, 5))
    assert (path.root, path.last) == ("a", "c")


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    a()\nexcept A, B:\n    pass\ntry:\n    b()\nexcept x.C, D:  # why\n    pass\n",
        "try:\n    a()\nexcept A, B:\n    T = '''\nexcept A, B:\n'''\n",
        "try:\n    a()\nexcept A, B:\n    pass\ntry:\n    b()\nexcept (C), D :\n    pass\n",
    ],
)
def test_exception_lists_without_parentheses(source: str) -> None:
    facts = load(facts_of(source.encode(), 10_000))
    assert isinstance(facts, Module)
    assert {each.name for each in facts.unbound} >= {"A", "B", "a"}
    texts = [node.value for node in walk(*facts.main.body) if isinstance(node, Constant)]
    assert texts == (["\nexcept A, B:\n"] if "'''" in source else [])


@pytest.mark.parametrize("function", module(EVERYTHING).functions, ids=lambda each: each.qualname or "module")
def test_bodies_answer_from_their_bytes_what_their_nodes_say(function: Function) -> None:
    """What is told without decoding, or is kept once decoded, is what a walk through the body finds."""
    nodes = tuple(walk(*function.body))
    assert function.nodes == nodes
    assert function.call_nodes == tuple(each for each in nodes if isinstance(each, Call))
    held = {code[0] for code in function.statements()}
    assert {TAG[cls] for cls in CLASSES if function.holds(cls)} == held
    assert all(function.every(cls) == tuple(each for each in nodes if type(each) is cls) for cls in CLASSES)
    dotted = {each.text for each in nodes if isinstance(each, Path) and "." in each.text}
    assert all(text in function.paths_from(text.partition(".")[0]) for text in dotted)
    assert all(function.mentions(each.text) for each in nodes if isinstance(each, Path))


def test_words_are_those_of_all_names_and_texts() -> None:
    """Whatever an encoded expression is made of, places and tags left out."""
    for function in module(EVERYTHING).functions:
        nodes = function.nodes
        names = [each.text for each in nodes if isinstance(each, Path)]
        said = [each.value for each in nodes if isinstance(each, Constant) and isinstance(each.value, str)]
        wanted = {text.rpartition(".")[2] for text in (*names, *said)}
        assert wanted <= set().union(*map(words, function.statements()))
    assert words(None) == set()
