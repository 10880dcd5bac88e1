"""Which project a path belongs to, what its settings are, and what is said of wrong ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cdlint import globs, readers, rule, selection
from cdlint.config import Config, ConfigError, Given, load, require_packs, validate
from cdlint.failure import Failure
from cdlint.formats import FORMATS
from cdlint.settings import SETTINGS, schema

KNOWN: dict[str, dict[str, Any]] = {
    "flask/blueprint-not-registered": {"factories": ("create_app",), "depth": 3, "strict": False, "ratio": 0.5},
    "flask/view-queries-orm": {},
    "structure/unresolved-import": {},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "app" / "api").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "app" / "main.py").write_text("")
    monkeypatch.chdir(root)
    return root


def configured(project: Path, text: str, name: str = "cdlint.toml", **options: Any) -> Config:
    (project / name).write_text(text)
    return load(str(project), **options)


def complaint(project: Path, text: str, name: str = "cdlint.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        validate(configured(project, text, name), KNOWN)
    return str(caught.value)


class TestProject:
    def test_nearest_folder_with_a_configuration(self, project: Path) -> None:
        (project / "app" / "cdlint.toml").write_text("")
        assert load(str(project / "app" / "api")).root == str(project / "app")
        assert load(str(project)).root == str(project)

    def test_shared_file_counts_only_with_its_table(self, project: Path) -> None:
        (project / "app" / "pyproject.toml").write_text("[project]\nname = 'app'\n")
        assert load(str(project / "app")).root == str(project)
        (project / "app" / "pyproject.toml").write_text("[tool.cdlint]\n")
        assert load(str(project / "app")).root == str(project / "app")

    def test_own_file_wins(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("[tool.cdlint]\nselect = ['flask']\n")
        assert configured(project, "select = ['structure']").select == ("structure",)

    def test_top_of_the_repository_for_folder_and_file(self, project: Path) -> None:
        assert load(str(project / "app" / "api")).root == str(project)
        assert load(str(project / "app" / "main.py")).root == str(project)
        assert load(str(project / "app" / "new.py")).root == str(project)

    def test_nothing_is_read_above_the_repository(self, project: Path) -> None:
        (project.parent / "cdlint.toml").write_text("ignore = ['flask']")
        assert load(str(project)).ignore == ()

    def test_without_any_sign_the_folder_itself_and_never_a_package(self, project: Path) -> None:
        (project / ".git").rmdir()
        assert load(str(project / "app")).root == str(project / "app")
        (project / "app" / "__init__.py").write_text("")
        assert load(str(project / "app")).root == str(project)
        assert load(str(project / "app" / "main.py")).root == str(project)
        (project / "app" / "requirements.txt").write_text("")
        assert load(str(project / "app")).root == str(project / "app"), "a project that is a package as well"

    def test_isolated(self, project: Path) -> None:
        (project / "app" / "cdlint.toml").write_text("ignore = ['flask']")
        found = load(str(project / "app"), isolated=True)
        assert (found.root, found.ignore) == (str(project), ())

    def test_named_file(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "other.toml").write_text("ignore = ['flask']")
        found = load(str(project / "app"), file=str(tmp_path / "other.toml"))
        assert found.ignore == ("flask",)
        assert found.root == str(tmp_path), "it lies above the path"
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "other.toml").rename(tmp_path / "elsewhere" / "other.toml")
        assert load(str(project / "app"), file=str(tmp_path / "elsewhere" / "other.toml")).root == str(project)

    def test_named_shared_file_needs_the_table(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("")
        with pytest.raises(ConfigError, match=r"no table `\[tool.cdlint\]`"):
            load(str(project), file="pyproject.toml")

    def test_a_broken_nearer_file_is_not_passed_over(self, project: Path) -> None:
        (project / "cdlint.toml").write_text("")
        (project / "app" / "pyproject.toml").write_text("a = \n")
        with pytest.raises(Failure, match=r"app/pyproject.toml:1: invalid TOML"):
            load(str(project / "app"))


class TestBrokenFiles:
    def test_invalid_toml(self, project: Path) -> None:
        with pytest.raises(Failure, match=r"^pyproject.toml:4: invalid TOML: Invalid value$"):
            configured(project, "[tool.cdlint]\nselect = []\nignore = [\n  x\n", "pyproject.toml")

    def test_encoding(self, project: Path) -> None:
        (project / "pyproject.toml").write_bytes("# ok\n# é\n".encode("latin-1"))
        with pytest.raises(Failure, match=r"^pyproject.toml:2: not UTF-8"):
            load(str(project))

    def test_byte_order_mark_and_windows_line_ends(self, project: Path) -> None:
        (project / "cdlint.toml").write_bytes(b"\xef\xbb\xbfignore = ['flask']\r\nselect = []\r\n")
        assert load(str(project)).ignore == ("flask",)

    @pytest.mark.parametrize("name", ["pyproject.toml", "cdlint.toml"])
    def test_a_folder_of_that_name(self, project: Path, name: str) -> None:
        (project / name).mkdir()
        with pytest.raises(Failure, match=f"^{name}: cannot be read: "):
            load(str(project))

    def test_missing_file_named(self, project: Path) -> None:
        with pytest.raises(Failure, match=r"^none.toml: cannot be read: "):
            load(str(project), file="none.toml")

    def test_nested_too_deeply(self, project: Path) -> None:
        with pytest.raises(Failure, match=r"^cdlint.toml"):
            configured(project, "a = " + "[" * 5000)

    @pytest.mark.parametrize("text", ["tool = 3", "[tool]\ncdlint = 3"])
    def test_table_that_is_none(self, project: Path, text: str) -> None:
        with pytest.raises(Failure, match=r"^pyproject.toml:\d: `tool(.cdlint)?` must be a table"):
            configured(project, text, "pyproject.toml")


WRONG = [
    ("selct = []", "cdlint.toml:1: `selct`: unknown setting; did you mean `select`?"),
    ("\nselect = 'flask'", "cdlint.toml:2: `select`: must be a list of strings, not the string 'flask'"),
    ("select = [1]", "cdlint.toml:1: `select`: must be a list of strings, but holds the integer 1"),
    ("select = [\n  'flask',\n  'Flask X',\n]", "cdlint.toml:3: `select`: `Flask X` is no rule selector"),
    ("ignore = [\n  'flask/view-querys-orm']", "cdlint.toml:2: `ignore`: no rule matches `flask/view-querys-orm`; "
     "did you mean `flask/view-queries-orm`?"),
    ("ignore = ['flsk']", "no rule matches `flsk`; did you mean `flask`?"),
    ("select = ['*/nothing-*']", "no rule matches `*/nothing-*`"),
    ("exclude = ['[ab']", "cdlint.toml:1: `exclude`: `[ab` has a `[` without `]`"),
    ("exclude = ['/etc']", "`/etc` is absolute"),
    ("exclude = ['../x']", "`../x` has `..`"),
    ("exclude = ['a\\b']", "`a\\b` has a backslash"),
    ("exclude = ['']", "`` is empty"),
    ("respect-gitignore = 1", "`respect-gitignore`: must be true or false, not the integer 1"),
    ("max-file-size = '5 MX'", "must be a number of bytes or a size such as \"5 MB\", not the string '5 MX'"),
    ("max-file-size = true", "must be a number of bytes or a size such as \"5 MB\", not the boolean true"),
    ("max-file-size = 0", "`max-file-size`"),
    ("output-format = 'jsn'", "not the string 'jsn'; did you mean `json`?"),
    ("source-roots = ['app', 'lib']", "cdlint.toml:1: `source-roots`: there is no folder `lib`"),
    ("source-roots = ['/app']", "`/app` is absolute; it must be relative"),
    ("[per-file-ignores]\n'tests/[' = ['flask']", "cdlint.toml:2: `per-file-ignores.\"tests/[\"`: the file"),
    ("[per-file-ignores]\n'a' = ['b']\n", "cdlint.toml:2: `per-file-ignores.a`: no rule matches `b`"),
    ("per-file-ignores = ['a']", "must be a table of file patterns"),
    ("[severity]\nflask = 'fatal'", "cdlint.toml:2: `severity.flask`: must be one of `error`, `warning`, `note`, not"),
    ("severity = { flask = 'note', flak = 'note' }", "cdlint.toml:1: `severity.flak`: no rule matches `flak`"),
    ("[rules.'flask/blueprint-not-registred']\n", "no such rule; did you mean `flask/blueprint-not-registered`?"),
    ("[rules.'flask/blueprint-not-registered']\n\ndept = 3", "cdlint.toml:3: `rules.\"flask/blueprint-not-registered\""
     ".dept`: the rule has no such option, only `depth`, `factories`, `ratio`, `strict`; did you mean `depth`?"),
    ("[rules.'flask/blueprint-not-registered']\ndepth = '3'", "must be an integer, not the string '3'"),
    ("[rules.'flask/blueprint-not-registered']\ndepth = true", "must be an integer, not the boolean true"),
    ("[rules.'flask/blueprint-not-registered']\nfactories = 'x'", "must be a list of strings, not the string 'x'"),
    ("[rules.'flask/blueprint-not-registered']\nratio = 1979-05-27", "not the date or time 1979-05-27"),
    ("[rules.'flask/view-queries-orm']\nx = 1", "the rule has no options"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[text for text, _ in WRONG])
def test_wrong_settings(project: Path, text: str, expected: str) -> None:
    assert expected in complaint(project, text)


def test_all_problems_are_told_at_once_with_their_place_in_the_shared_file(project: Path) -> None:
    text = "[project]\nselect = 1\n[tool.cdlint]\nselect = 1\n[tool.cdlint.severity]\nflask = 2\n"
    first, second = complaint(project, text, "pyproject.toml").splitlines()
    assert first.startswith("pyproject.toml:4: `tool.cdlint.select`: ")
    assert second.startswith("pyproject.toml:6: `tool.cdlint.severity.flask`: ")


LAYERS = """
[[layers]]
name = "app"
order = ["api", "models"]
members = { api = ["app.api.**"], models = ["app.models"] }

[[layers]]
name = "second"
order = ["a", "b"]
edges = ["runtime"]
[layers.members]
a = ["a"]
b = ["b.*"]
"""


class TestLayers:
    def test_read(self, project: Path) -> None:
        first, second = configured(project, LAYERS).layers
        assert first == readers.Layers(
            "app", ("api", "models"), (("api", ("app.api.**",)), ("models", ("app.models",))), ("runtime", "deferred")
        )
        assert (second.name, second.edges) == ("second", ("runtime",))

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('a = ["a"]', "", "cdlint.toml:11: `layers[1].members`: the layer `a` has no members"),
            ('a = ["a"]', "a = []", "cdlint.toml:12: `layers[1].members.a`: the layer `a` has no members"),
            ('a = ["a"]', 'a = ["a"]\nc = ["c"]', "cdlint.toml:13: `layers[1].members.c`: the layer is not in `order`"),
            ('"app.models"]', '"app/models"]', "cdlint.toml:5: `layers[0].members.models`: `app/models` is no module"),
            ('["api", "models"]', '["api"]', "cdlint.toml:4: `layers[0].order`: must name at least two layers"),
            ('["runtime"]', '["runtme"]', "cdlint.toml:10: `layers[1].edges`: `runtme` is no kind of import"),
            ('["runtime"]', "[]", "must name at least one kind of import"),
            ('name = "second"', 'name = "app"', "cdlint.toml:8: `layers[1].name`: two contracts are named `app`"),
            ('name = "second"', 'nam = "app"', "`layers[1].nam`: unknown key; did you mean `name`?"),
            ('name = "second"', "", "cdlint.toml:7: `layers[1]`: `name` is missing"),
        ],
    )
    def test_wrong(self, project: Path, old: str, new: str, expected: str) -> None:
        assert expected in complaint(project, LAYERS.replace(old, new))


class TestPrecedence:
    def test_flags_are_laid_over_the_file(self, project: Path) -> None:
        given = {
            "ignore": Given("flag", "--ignore", ["structure"]),
            "exclude": Given("environment", "CDLINT_EXCLUDE", ["b"]),
        }
        found = configured(project, "\nignore = ['flask']\nexclude = ['a']\nmax-file-size = '5 MB'", given=given)
        assert found.ignore == ("flask", "structure")
        assert found.excluded == ("b",)
        assert found.max_file_size == 5_000_000
        assert found.origin("ignore") == "cdlint.toml:2, flag --ignore"
        assert found.origin("exclude") == "environment CDLINT_EXCLUDE"
        assert found.origin("max-file-size") == "cdlint.toml:4"
        assert found.origin("layers") == "default"

    def test_select_by_flag_forgets_what_the_file_ignores(self, project: Path) -> None:
        given = {"select": Given("flag", "--select", ["flask"])}
        found = configured(project, "ignore = ['flask']\nextend-select = ['structure']", given=given)
        assert (found.select, found.ignore, found.extend_select) == (("flask",), (), ())

    def test_wrong_flag_is_named(self, project: Path) -> None:
        with pytest.raises(ConfigError, match=r"^--exclude: `\[` has a"):
            load(str(project), given={"exclude": Given("flag", "--exclude", ["["])})
        found = load(str(project), given={"select": Given("flag", "--select", ["flsk"])})
        with pytest.raises(ConfigError, match=r"^--select: no rule matches `flsk`; did you mean `flask`\?$"):
            validate(found, KNOWN)

    def test_key_depends_on_what_findings_depend_on(self, project: Path) -> None:
        plain = configured(project, "")
        assert configured(project, "output-format = 'json'\n# comment").key == plain.key
        assert configured(project, "ignore = ['flask']").key != plain.key


class TestPacks:
    def test_a_repository_cannot_ask_to_run_its_code(self, project: Path) -> None:
        found = configured(project, "\npacks = ['tools/pack']\nignore = ['pack/mine']")
        assert found.packs == ()
        validate(found, KNOWN)
        with pytest.raises(ConfigError, match=r"^cdlint.toml:2: `packs` names code to run.*`--config cdlint.toml`"):
            require_packs(found)

    def test_a_user_can(self, project: Path) -> None:
        (project / "cdlint.toml").write_text("packs = ['tools/pack']")
        found = load(str(project / "app"), file="cdlint.toml")
        assert found.packs == (str(project / "tools" / "pack"),)
        require_packs(found)
        flag = {"packs": Given("flag", "--pack", ["other"])}
        assert load(str(project), isolated=True, given=flag).packs == (str(project / "other"),)


DEFAULTS = {"flask/a-b": True, "flask/c": False, "structure/unresolved-import": True}


class TestSelection:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", ["flask/a-b", "structure/unresolved-import"]),
            ("select = []", []),
            ("select = ['ALL']", ["flask/a-b", "flask/c", "structure/unresolved-import"]),
            ("select = ['flask']", ["flask/a-b", "flask/c"]),
            ("select = ['*/unresolved-*']", ["structure/unresolved-import"]),
            ("select = ['fl*']", ["flask/a-b", "flask/c"]),
            ("extend-select = ['flask/c']", ["flask/a-b", "flask/c", "structure/unresolved-import"]),
            ("ignore = ['flask']", ["structure/unresolved-import"]),
            ("ignore = ['flask']\nextend-select = ['flask/c']", ["flask/c", "structure/unresolved-import"]),
            ("select = ['flask']\nignore = ['flask']", []),
            ("select = ['flask/c']\nignore = ['ALL']", ["flask/c"]),
        ],
    )
    def test_enabled(self, project: Path, text: str, expected: list[str]) -> None:
        assert list(selection.enabled(configured(project, text), DEFAULTS)) == expected

    def test_severity(self, project: Path) -> None:
        found = configured(project, "[severity]\n'flask/c' = 'note'\nflask = 'error'")
        assert selection.severity(found, "flask/c", "warning") == "note"
        assert selection.severity(found, "flask/a-b", "warning") == "error"
        assert selection.severity(found, "structure/x", "warning") == "warning"

    def test_per_file_ignores(self, project: Path) -> None:
        found = configured(project, "[per-file-ignores]\n'tests' = ['flask']\n'app/*.py' = ['ALL']")
        assert selection.is_ignored_in(found, "flask/c", "lib/tests/test_x.py")
        assert not selection.is_ignored_in(found, "structure/x", "lib/tests/test_x.py")
        assert selection.is_ignored_in(found, "structure/x", "app/a.py")
        assert not selection.is_ignored_in(found, "structure/x", "app/api/a.py")

    def test_options(self, project: Path) -> None:
        rule_id = "flask/blueprint-not-registered"
        found = configured(project, f"[rules.'{rule_id}']\ndepth = 4\nratio = 1\nfactories = ['make']")
        validate(found, KNOWN)
        expected = {"factories": ("make",), "depth": 4, "strict": False, "ratio": 1.0}
        assert selection.options(found, rule_id, KNOWN[rule_id]) == expected


class TestGlobs:
    @pytest.mark.parametrize(
        ("pattern", "path", "expected"),
        [
            ("*.py", "a/b/c.py", True),
            ("tests", "a/tests/c.py", True),
            ("tests/", "a/tests", False),
            ("app/tests", "app/tests/x.py", True),
            ("app/tests", "lib/app/tests/x.py", False),
            ("**/tests/*.py", "tests/x.py", True),
            ("**/tests/*.py", "a/b/tests/x.py", True),
            ("a/**/z.py", "a/z.py", True),
            ("a/**/m/**/z.py", "a/m/b/m/c/z.py", True),
            ("a/**/m/**/z.py", "a/b/c/z.py", False),
            ("a/*/z.py", "a/b/c/z.py", False),
            ("[!a]?.py", "bc.py", True),
            ("[!a]?.py", "ac.py", False),
        ],
    )
    def test_paths(self, pattern: str, path: str, expected: bool) -> None:
        assert globs.path_matcher(pattern)(path) is expected

    def test_names(self) -> None:
        matches = globs.name_matcher("app.api.**")
        assert [name for name in ("app", "app.api", "app.api.v1.users", "app.apis") if matches(name)] == [
            "app.api",
            "app.api.v1.users",
        ]

    def test_no_pattern_explodes(self) -> None:
        assert not globs.path_matcher("*a" * 60)("a" * 5_000 + "b")
        assert not globs.path_matcher("**/a/" * 60 + "b")("a/" * 2_000 + "c")


class TestOneDefinition:
    def test_words_agree_with_those_of_their_owners(self) -> None:
        assert readers.OUTPUT_FORMATS == FORMATS
        assert readers.SEVERITIES == rule.SEVERITIES

    def test_schema_is_valid_and_agrees_with_the_reader(self, project: Path) -> None:
        described = schema(KNOWN)
        Draft202012Validator.check_schema(described)
        assert list(described["properties"]) == list(SETTINGS)
        import tomli

        validator = Draft202012Validator(described)
        validator.validate(tomli.loads(LAYERS + "[rules.'flask/blueprint-not-registered']\ndepth = 4"))
        loose = ("exclude", "source-roots", "per-file-ignores]\n'tests/[", "nothing-")
        for text, expected in WRONG:
            if not any(word in text + expected for word in loose):
                assert list(validator.iter_errors(tomli.loads(text))), text

    def test_defaults_are_valid(self) -> None:
        for setting in SETTINGS.values():
            if setting.default is not None:
                assert setting.kind.read(setting.kind.plain(setting.default)) == setting.default
            assert setting.doc.endswith(".")


def test_paths_are_shown_from_where_the_command_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "app")
    assert complaint(project, "selct = 1").startswith(os.path.join("..", "cdlint.toml:1"))
