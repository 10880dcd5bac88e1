"""The shared words of a backend, and facts that packs fill with them.

A word is a frozen dataclass that names no framework. A fact made by `collected` is the sum
of what all installed packs provide for it, so `transactions` knows sessions without knowing
which library makes them.
"""
