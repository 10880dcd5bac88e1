"""aiohttp: applications, routes and handlers."""

CONCERNS = ("aiohttp",)
