"""What the texts of files that are no Python hold where they cannot be read."""

from __future__ import annotations

UNDECODABLE = "\ufdd0"
"""Stands for bytes that are no UTF-8: a character that no text may hold."""
