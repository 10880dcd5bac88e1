"""Celery: tasks, how they are found and how they are called."""

CONCERNS = ("celery",)
