"""Django: settings, applications, URL configurations and models."""

CONCERNS = ("django", "rest_framework")
