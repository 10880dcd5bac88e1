"""Whether the case has a command or template tags that Django does not find and no other module imports."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_project import start

start()
from django.core.management import BaseCommand, get_commands
from django.template import Library, engines
from django.template.backends.django import get_installed_libraries


def is_lost(name: str) -> bool:
    """Whether a module that nobody has imported is one that Django should find, and does not."""
    module, last = importlib.import_module(name), name.rpartition(".")[2]
    command = getattr(module, "Command", None)
    if command is not None:
        return command.handle is not BaseCommand.handle and last not in get_commands()
    return isinstance(getattr(module, "register", None), Library) and name not in get_installed_libraries().values()


def is_magic(path: Path) -> bool:
    """Whether a file looks like a command or a library of tags."""
    text = path.read_text()
    return "class Command" in text or "Library()" in text


# What the settings name as built in is imported with the engine.
print([each.engine.template_builtins for each in engines.all()])
names = {".".join(each.with_suffix("").parts): is_magic(each) for each in Path().rglob("*.py") if each.stem != "manage"}
for each in [name for name, magic in names.items() if not magic]:
    importlib.import_module(each.removesuffix(".__init__"))
lost = [name for name, magic in names.items() if magic and name not in sys.modules and is_lost(name)]
print(lost)
sys.exit(1 if lost else 0)
