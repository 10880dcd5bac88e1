"""Code inside an open transaction waits for the outside: a request, a mail, a process or a sleep.

## Why
While the call waits, the transaction keeps its locks and its connection: a slow partner becomes
a slow database, and a pool of waiting requests runs out of connections. If something after the
call fails, the rows are rolled back, but the request has been served and the mail is out.

## Instead
Do it after the transaction: behind the block, or registered with what the framework offers to
run after the commit. What the transaction needs from outside, fetch before it opens.

## Known limits
The outside calls of the best known libraries are known: HTTP clients, mail, cloud and payment
SDKs, `subprocess`, sleeps. They are followed up to eight calls deep through functions of the
repository that are resolved. A call that reads and has no effect elsewhere is reported as well:
it holds the transaction open all the same. Between the first write of a session and its commit
only mails and requests that send something are reported. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.transactions import Transaction
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._reach import Reached, leaks, transacting
from ._telling import chain_of, origin_of, short, until_commit

_EFFECTS = {
    "network": "calls the network",
    "mail": "sends mail",
    "process": "runs a process",
    "sleep": "sleeps",
}
_REGIONS = frozenset({"block", "function"})
_WRITTEN = frozenset({"session"})
_LASTING = frozenset({"network", "mail"})
_SENDING = frozenset({"post", "put", "patch", "delete", "send", "send_message", "send_mail", "send_mass_mail"})
"""What changes something outside, whatever becomes of the rows."""


def _is_sent(reached: Reached) -> bool:
    """Whether a call certainly leaves something outside that a failing commit does not take back."""
    return reached.name.rpartition(".")[2] in _SENDING


@rule(of=transacting, severity="warning", constraint="transaction", precision="B")
def external_io_in_transaction(project: Project, function: Symbol) -> Iterator[Finding]:
    """Calls in a transaction through which the outside is reached."""
    held = tuple(leaks(project, function, frozenset(_EFFECTS), _REGIONS))
    told = {each.at for each in held}
    sent = (each for each in leaks(project, function, _LASTING, _WRITTEN) if _is_sent(each.reached))
    for transaction, at, reached in (*held, *(each for each in sent if each.at not in told)):
        name = short(reached.name)
        through = f", through `{reached.chain[0].callee}`" if len(reached.chain) > 1 else ""
        yield Finding(
            Location(function.path, at),
            f"`{name}()` {_EFFECTS[reached.kind]} {_when(transaction)}{through}.",
            related=origin_of(transaction),
            chain=chain_of(reached),
            symbol=f"{function.name}: {reached.name}",
            cure="Move the call behind the commit."
            if transaction.kind == "session"
            else f"Move the call behind the transaction of `{transaction.how}`, or run it after the commit.",
        )


def _when(transaction: Transaction) -> str:
    if transaction.kind == "session":
        return f"before {until_commit(transaction)}"
    return f"while the transaction of `{transaction.how}` is open"
