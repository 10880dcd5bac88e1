"""Flask: applications, blueprints and their endpoints."""

CONCERNS = ("flask", "apiflask", "quart")
