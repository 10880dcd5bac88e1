"""Whether the relations that the case names can be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import FieldError
from django_cases import exits, fill, start

# A package with an abstract model, for the case whose models are built on one that is not there to read.
package = Path("tree_package", "models", "__init__.py")
package.parent.mkdir(parents=True)
node = "from django.db import models\nclass Node(models.Model):\n    class Meta: abstract = True\n"
package.write_text(node)
start()
fill(2)
exits(FieldError, AttributeError, ValueError)
