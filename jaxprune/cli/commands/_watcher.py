"""The watcher of a process of a job, which outlives it.

When a process dies, JAX ends the others with ``abort`` and a stack trace. Therefore
each process is two: a worker that computes, and a watcher that keeps the trace back and
says in a line what happened.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

from .. import messages

# Tells a worker where what is not written by Python goes: chatter of XLA and Gloo.
WORKER = "JAXPRUNE_WORKER"
# Says there that the worker has said itself why it ends.
SAID = "jaxprune: said"
# Characters of it that JAXPRUNE_TRACEBACK=1 shows when a worker dies.
LAST = 5000
# Schedulers do not start all processes of a job at once.
JOINING = 300
EXPECTED = (
    "Start the command with srun or mpirun; or give every process --distributed "
    "HOST:PORT,N,RANK: where process 0 can be reached, how many processes there are, "
    "and which of them this is, counted from 0"
)
# What XLA and Gloo write before they abort because of another process.
ABANDONED = "JAX distributed service|gloo::IoException|Connection closed"
LOST = "another process of the job has ended, or no longer answers"
AGAIN = "Start the job again: importances that were finished are kept"


def is_worker() -> bool:
    """Whether a watcher started this process."""
    return WORKER in os.environ


def watched(argv: list[str]) -> int:
    """Run the command in a worker, and say how it ended if it could not."""
    if sys.platform == "win32":  # which hands no pipe to the worker
        messages.say(
            "error: --distributed: jobs of several processes run on Linux and macOS; "
            "leave it out to compute on the devices of this machine, or start the job "
            "in WSL"
        )
        return 2
    read, write = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-m", "jaxprune", *argv],
        env={**os.environ, WORKER: str(write)},
        pass_fds=[write],
    )
    os.close(write)
    # A terminal interrupts both processes; a scheduler may stop the watcher alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    with os.fdopen(read, errors="replace") as stream:
        chatter = stream.read()
    status = worker.wait()
    if status >= 0:
        return status
    if os.environ.get("JAXPRUNE_TRACEBACK"):
        sys.stderr.write(chatter[-LAST:])
    if SAID not in chatter:
        messages.say(f"error: {how_it_ended(-status, chatter)}")
    return 128 - status


def how_it_ended(number: int, chatter: str) -> str:
    """Say what the signal that ended a worker stands for.

    Parameters
    ----------
    number : int
        The signal.
    chatter : str
        What was not written by Python: which process of the job the worker is, once
        it has joined, and whatever XLA and Gloo write.

    Examples
    --------
    >>> print(how_it_ended(15, "process 3 of 4"))
    process 3 of 4: ended by SIGTERM. Start the job again: importances that were
    finished are kept
    """
    who = re.search(r"^process \d+ of \d+$", chatter, re.MULTILINE)
    aborted = number == signal.SIGABRT
    if aborted and not who and "DEADLINE_EXCEEDED" in chatter:
        return (
            f"--distributed: after {JOINING} seconds some processes of the job were "
            f"not there, or could not be reached. {EXPECTED}"
        )
    what = f"ended by {signal.Signals(number).name}"
    if aborted and re.search(ABANDONED, chatter):
        what = LOST
    elif what.endswith("SIGKILL"):
        what += ", which is often for want of memory"
    return f"{who[0] if who else 'a process'}: {what}. {AGAIN}"


def tell(text: str) -> None:
    """Tell the watcher a line."""
    os.write(2, f"\n{text}\n".encode())


def keep_chatter_back() -> None:
    """Leave stdout and stderr to Python; everything else goes to the watcher."""
    chatter = int(os.environ[WORKER])
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(chatter, 1)
    os.dup2(chatter, 2)
    os.close(chatter)
