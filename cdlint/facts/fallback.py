from __future__ import annotations
def downlevel(source): return None
