"""The aiohttp pack."""
