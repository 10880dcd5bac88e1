"""A form's cleaned data and the code that reads it do not agree, or a `clean_` method drops a value.

## Why
`cleaned_data` has the fields of the form, and under each what its `clean_<field>` method returns.
Without `return` that is None. A name that is no field raises KeyError, and a function that is called
with `**form.cleaned_data` raises TypeError for a field that it does not take.

## Instead
Return the value at the end of `clean_<field>`. List the same names in the form and in the function
that gets its data.

## Known limits
Only forms are looked at whose fields are all known; those that change them, or what cleaning gives,
are passed over for what is read. Forms of views are those that `form_class` names.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._cleaned import Mismatch, mismatches

_MESSAGES = {
    "emptied": "`{name}` of `{form}` returns nothing, so the cleaned `{field}` is None.",
    "absent": "`{form}` has no field `{field}`, so reading it from `cleaned_data` raises KeyError.",
    "extra": "`{name}()` is given the data of `{form}` and takes no `{field}`, which is a field of it.",
    "missing": "`{name}()` is given the data of `{form}`, which has no `{field}`, and needs it.",
}
_EVIDENCE = {
    "emptied": "the value is read here",
    "absent": "the form is defined here",
    "extra": "it is defined here",
    "missing": "it is defined here",
}


@rule(of=mismatches, severity="error", constraint="schema")
def cleaned_data_mismatch(project: Project, each: Mismatch) -> Iterator[Finding]:
    """One finding a field."""
    yield Finding(
        each.at,
        _MESSAGES[each.kind].format(name=each.name, form=each.form.last, field=each.field),
        related=(Evidence(each.other, _EVIDENCE[each.kind]),) if each.other is not None else (),
        symbol=f"{each.form.name}.{each.field}: {each.kind} {each.name}",
        cure='Return the value: `return self.cleaned_data["' + each.field + '"]`.' if each.kind == "emptied" else "",
    )
