"""Finding and reading the files of a repository."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cdlint import files, walk
from cdlint.source import discover
from cdlint.texts import UNDECODABLE

Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "repository"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


def empty(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "")


def test_python_files_and_others_are_sorted_and_apart(write: Write) -> None:
    tree = discover(write(empty("b.py", "a/z.py", "a.py", "a/t.html", "Dockerfile", "a/stub.pyi")))
    assert tree.python == ("a.py", "a/z.py", "b.py")
    assert tree.others == ("Dockerfile", "a/stub.pyi", "a/t.html")
    assert tree.directories == ("", "a")
    assert tree.notices == ()


@pytest.mark.parametrize(
    "path",
    [
        ".venv/x.py", "venv/x.py", "node_modules/m/x.py", "a/__pycache__/x.py", ".git/x.py", "x.egg-info/x.py",
        "a/site-packages/x.py", "build/lib/x.py", "dist/x.py", "docs/_build/x.py", "{{cookiecutter.name}}/x.py",
        "a/{% if y %}z{% endif %}.py",
    ],
)  # fmt: skip
def test_left_out_by_name(write: Write, path: str) -> None:
    assert discover(write(empty(path, "app.py"))).python == ("app.py",)


def test_environments_are_known_by_their_configuration(write: Write) -> None:
    root = write(empty("env/app.py", "tools/pyvenv.cfg", "tools/lib/x.py", "build/__init__.py", "build/x.py"))
    assert discover(root).python == ("build/__init__.py", "build/x.py", "env/app.py")


def test_a_package_may_have_a_part_named_like_the_output_of_builds(write: Write) -> None:
    root = write(empty("shop/__init__.py", "shop/build/api.py", "shop/dist/x.js", "shop/web/build/x.py"))
    assert discover(root).python == ("shop/__init__.py", "shop/build/api.py")


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        ("x.py", ("a/y.py", "y.py")),
        ("/x.py", ("a/x.py", "a/y.py", "y.py")),
        ("a/", ("x.py", "y.py")),
        ("a/*\n!a/y.py", ("a/y.py", "x.py", "y.py")),
        ("a\n!a/y.py", ("x.py", "y.py")),
        ("*.py\n!y.py", ("a/y.py", "y.py")),
        ("# x.py\n\n!", ("a/x.py", "a/y.py", "x.py", "y.py")),
        ("**/x.py\r\n", ("a/y.py", "y.py")),
        ("a/**", ("x.py", "y.py")),
        ("a/**/", ("a/x.py", "a/y.py", "x.py", "y.py")),
        ("[x-z].py", ()),
        ("\ufeffx.py", ("a/y.py", "y.py")),
    ],
)
def test_gitignore(write: Write, patterns: str, kept: tuple[str, ...]) -> None:
    root = write({**empty("x.py", "y.py", "a/x.py", "a/y.py"), ".gitignore": patterns})
    assert discover(root).python == kept


def test_a_nested_gitignore_wins_and_a_kept_directory_is_whole(write: Write) -> None:
    root = write(
        {
            **empty("a/x.py", "a/keep/x.py", "b/x.py", "c/out/x.py"),
            ".gitignore": "x.py\nout/\n!c/out/",
            "a/.gitignore": "!/x.py",
            "c/.gitignore": "!x.py",
        }
    )
    assert discover(root).python == ("a/x.py", "c/out/x.py")


def test_gitignore_of_the_checkout_above_and_its_exclude_file(write: Write) -> None:
    root = write(
        {
            **empty("api/x.py", "api/y.py", "api/z.py"),
            ".git/info/exclude": "y.py",
            ".gitignore": "api/x.py\nz.py",
            "api/.gitignore": "!z.py",
        }
    )
    assert discover(root / "api").python == ("z.py",)
    assert discover(root).python == ("api/z.py",)


def test_exclude_file_of_a_linked_worktree(write: Write) -> None:
    root = write(
        {
            **empty("tree/x.py", "tree/y.py"),
            "tree/.git": "gitdir: ../main/.git/worktrees/tree\n",
            "main/.git/worktrees/tree/commondir": "../..\n",
            "main/.git/info/exclude": "x.py\n",
        }
    )
    assert discover(root / "tree").python == ("y.py",)


def test_a_root_that_is_ignored_was_chosen_on_purpose(write: Write) -> None:
    root = write({**empty("out/x.py", ".git/HEAD"), ".gitignore": "out/\n*.py"})
    assert discover(root / "out").python == ("x.py",)


def test_gitignore_can_be_disregarded_but_still_answers(write: Write) -> None:
    root = write({**empty("x.py"), ".gitignore": "x.py\ngen/"})
    tree = discover(root, respect_gitignore=False)
    assert tree.python == ("x.py",)
    assert tree.ignored("x.py")
    assert tree.ignored("gen/deep/module.py")
    assert tree.ignored("a/gen/")
    assert not tree.ignored("a/gen")
    assert not tree.ignored("app/x_generated.py")


def test_exclude_goes_before_what_gitignore_keeps(write: Write) -> None:
    root = write({**empty("a/x.py", "tests/x.py", "y.py"), ".gitignore": "!tests/"})
    tree = discover(root, ("tests/", "/y.py"))
    assert tree.python == ("a/x.py",)
    assert tree.exists("tests/x.py")
    assert not tree.ignored("tests/x.py")


def test_overlay_stands_in_for_the_disk(write: Write) -> None:
    root = write({"a.py": "old", "venv/x.py": "", ".gitignore": "no.py"})
    tree = discover(
        root, ("skip/",), overlay={"a.py": b"new", "b.py": b"b", "no.py": b"", "skip/c.py": b"", "t.html": b""}
    )
    assert tree.python == ("a.py", "b.py")
    assert tree.others == (".gitignore", "t.html")
    assert tree.read("a.py") == b"new"
    assert tree.text("b.py") == "b"
    assert tree.exists("b.py")
    assert "a.py" not in tree.stats


def test_texts(write: Write) -> None:
    root = write(
        {
            "bom.py": b"\xef\xbb\xbfx = 1\r\n",
            "latin.py": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            "unknown.py": b"# coding: nothing\nx\n",
            "broken.html": b"caf\xe9 \n",
            "wide.txt": "flask\r\n".encode("utf-16"),
            "empty.py": b"",
        }
    )
    tree = discover(root)
    assert tree.text("bom.py") == "x = 1\r\n"
    assert tree.text("latin.py") == "# -*- coding: latin-1 -*-\nx = '\xe9'\n"
    assert tree.text("unknown.py") == "# coding: nothing\nx\n"
    assert tree.text("broken.html") == f"caf{UNDECODABLE} \n"
    assert tree.text("wide.txt") == "flask\r\n"
    assert tree.text("empty.py") == ""
    assert tree.text("missing.py") is None
    assert tree.notices == ()


def test_globs(write: Write) -> None:
    names = ("Dockerfile", "Dockerfile.dev", "a/Dockerfile", "a/templates/b/c.html", "templates/d.html", "e.html")
    tree = discover(write(empty(*names, "a/m.py")))
    assert tree.files("Dockerfile*") == ("Dockerfile", "Dockerfile.dev")
    assert tree.files("**/Dockerfile") == ("Dockerfile", "a/Dockerfile")
    assert tree.files("**/templates/**/*.html") == ("a/templates/b/c.html", "templates/d.html")
    assert tree.files("a/*.py") == ("a/m.py",)
    assert tree.files("?.html") == ("e.html",)
    assert tree.files("*.toml") == ()


def test_nothing_outside_the_root_is_read(write: Write, tmp_path: Path) -> None:
    root = write(empty("a.py"))
    (tmp_path / "secret.txt").write_text("secret")
    os.symlink(tmp_path / "secret.txt", root / "link.txt")
    tree = discover(root)
    for path in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "a\0b"):
        assert tree.text(path) is None
        assert not tree.exists(path)


def test_links(write: Write, tmp_path: Path) -> None:
    root = write(empty("pkg/a.py", "b.py"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").touch()
    os.symlink(root / "b.py", root / "again.py")
    os.symlink("..", root / "pkg" / "loop")
    os.symlink("self", root / "self")
    os.symlink("nowhere.py", root / "dangling.py")
    os.symlink(outside, root / "out")
    os.symlink(outside / "x.py", root / "x.py")
    tree = discover(root)
    assert tree.python == ("b.py", "pkg/a.py")
    assert [notice.path for notice in tree.notices] == ["out", "x.py"]
    assert tree.exists("again.py")
    assert tree.read("again.py") == b""
    assert not tree.exists("dangling.py")


def test_the_root_may_be_a_link(write: Write, tmp_path: Path) -> None:
    root = write(empty("a.py"))
    os.symlink(root, tmp_path / "link")
    tree = discover(tmp_path / "link")
    assert tree.python == ("a.py",)
    assert tree.root == str(root.resolve())


def test_pipes_are_never_opened(write: Write) -> None:
    root = write(empty("a.py"))
    os.mkfifo(root / "pipe.py")
    os.mkfifo(root / ".gitignore")
    tree = discover(root)
    assert tree.python == ("a.py",)
    assert tree.text("pipe.py") is None


def test_a_name_that_is_no_text_is_a_notice(write: Write) -> None:
    root = write(empty("a.py"))
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.py")).touch()
    tree = discover(root)
    assert tree.python == ("a.py",)
    assert "caf\\xe9.py" in tree.notices[0].message


def test_a_directory_that_cannot_be_read_is_a_notice(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(empty("a.py", "secret/b.py"))
    scan = files.scan

    def refuse(directory: str) -> object:
        if directory.endswith("secret/"):
            raise PermissionError(13, "Permission denied")
        return scan(directory)

    monkeypatch.setattr(walk, "scan", refuse)
    tree = discover(root)
    assert tree.python == ("a.py",)
    assert [(notice.path, notice.message) for notice in tree.notices] == [
        ("secret", "the directory cannot be read: Permission denied")
    ]


def test_a_file_that_vanishes_is_a_notice(write: Write) -> None:
    root = write(empty("a.py", "t.html"))
    tree = discover(root)
    (root / "t.html").unlink()
    assert tree.text("t.html") is None
    assert [notice.path for notice in tree.notices] == ["t.html"]
    with pytest.raises(FileNotFoundError):
        tree.read("gone.html")


def test_a_tree_can_be_sent_to_workers(write: Write) -> None:
    tree = discover(write({"a.py": "x", ".gitignore": "b.py"}))
    assert pickle.loads(pickle.dumps(tree)).read("a.py") == b"x"


def test_patterns_that_are_none_are_said(write: Write) -> None:
    tree = discover(write(empty("a.py")), ("[z-",))
    assert [notice.message for notice in tree.notices] == ["`[z-` is not a pattern that `exclude` understands"]
