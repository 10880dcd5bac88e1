"""cdlint: a static structural linter for backend repositories."""

__version__ = "0.1.0"
