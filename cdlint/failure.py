"""The one exception for a job that cannot be done: what the user is told, exit status 2."""

from __future__ import annotations


class Failure(Exception):
    """Its text is one or more whole lines for the user, each of which can stand alone."""
