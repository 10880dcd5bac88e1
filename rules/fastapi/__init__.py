"""FastAPI and Starlette: applications, routers and dependencies."""

CONCERNS = ("fastapi", "starlette")
