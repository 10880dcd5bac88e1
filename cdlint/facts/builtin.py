"""The names that every module may load without binding them."""

from __future__ import annotations

import builtins

# Those of newer Pythons than the one that runs are there as well: the checked code may need
# them. `_` is installed by gettext, `reveal_type` belongs to type checkers, the dunder names
# are set by the import system, `__class__` by every method.
BUILTINS: frozenset[str] = frozenset(dir(builtins)) | {
    "BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError", "WindowsError",
    "_", "__annotations__", "__builtins__", "__cached__", "__class__", "__conditional_annotations__",
    "__dict__", "__file__", "__module__", "__path__", "__qualname__", "__firstlineno__",
    "__static_attributes__", "__type_params__", "__classdict__", "aiter", "anext", "reveal_locals",
    "reveal_type",
}  # fmt: skip
