"""One job of several processes: how they start, how they fail, how they end.

Each process of the job is two: a worker that computes, and a watcher that outlives it.
When a process dies, JAX ends the others with ``abort`` and a stack trace; the watcher
keeps that back and says in one line what happened.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, NoReturn

import numpy as np

from ...base.checks import ELSEWHERE
from .. import messages

# Tells a worker where what is not written by Python goes: chatter of XLA and Gloo.
WORKER = "JAXPRUNE_WORKER"
# Begins the line of it that says which process of the job this is.
WHO = "jaxprune: worker is "
# Lines of it that JAXPRUNE_TRACEBACK=1 shows when a worker dies.
LINES = 60
# Schedulers do not start all processes of a job at once.
JOINING = 300
# A process that was not heard of for so many seconds is dead. Heartbeats come from a
# thread of their own, which long computations do not hold up.
HEARTBEAT = 60
# Process 0 writes the files while the others wait for it to end.
SAVING_MS = 3_600_000
# For all processes to learn that one has failed.
ENDING_MS = 10_000
# Names in JAX's coordination service: of the first error of the job, under which all
# processes meet afterwards; and of where they meet without one.
FAILED, DONE = "jaxprune/failed", "jaxprune/done"

AUTO = "auto"
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
    read, write = os.pipe()
    program = "import sys; from jaxprune.cli import main; sys.exit(main(sys.argv[1:]))"
    worker = subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        env={**os.environ, WORKER: str(write)},
        pass_fds=[write],
    )
    os.close(write)
    # A terminal interrupts both processes; a scheduler may stop the watcher alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    who, chatter = "", deque(maxlen=LINES)
    with os.fdopen(read, errors="replace") as stream:
        for line in stream:
            if line.startswith(WHO):
                who = line.removeprefix(WHO).strip()
            chatter.append(line)
    status = worker.wait()
    if status >= 0:
        return status
    if os.environ.get("JAXPRUNE_TRACEBACK"):
        sys.stderr.writelines(chatter)
    messages.say(f"error: {how_it_ended(who, -status, ''.join(chatter))}")
    return 128 - status


def how_it_ended(who: str, number: int, chatter: str) -> str:
    """Say what the signal that ended a worker stands for.

    Parameters
    ----------
    who : str
        Which process of the job it was; empty if it had not joined yet.
    number : int
        The signal.
    chatter : str
        Last lines of XLA and Gloo.

    Examples
    --------
    >>> print(how_it_ended("process 3 of 4", 9, ""))
    process 3 of 4: ended by SIGKILL, which is often for want of memory. Start the job
    again: importances that were finished are kept
    """
    aborted = number == signal.SIGABRT
    if aborted and not who and "DEADLINE_EXCEEDED" in chatter:
        return (
            f"--distributed: after {JOINING} seconds some processes of the job were "
            f"not there, or could not be reached. {EXPECTED}"
        )
    what = f"ended by {signal.Signals(number).name}"
    if aborted and re.search(ABANDONED, chatter):
        what = LOST
    elif number == signal.SIGKILL:
        what += ", which is often for want of memory"
    return f"{who or 'a process'}: {what}. {AGAIN}"


def place_in_job(given: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what `jax.distributed.initialize` has to be told.

    Parameters
    ----------
    given : str
        ``"auto"``, or ``"HOST:PORT,N,RANK"``.
    environment : mapping of str to str
        Nothing is taken from it but for Open MPI 5 and later, which JAX does not
        know [1]_; SLURM and earlier versions of Open MPI are left to JAX.

    References
    ----------
    .. [1] https://github.com/jax-ml/jax/issues/14576

    Examples
    --------
    >>> place = place_in_job("node1:9000,4,3", {})
    >>> place["coordinator_address"], place["num_processes"], place["process_id"]
    ('node1:9000', 4, 3)
    """
    if given != AUTO:
        found = re.fullmatch(r"([^,\s]+:\d+),(\d+),(\d+)", given)
        if found is None or int(found[3]) >= int(found[2]):
            raise ValueError(
                f"--distributed {given}: expected HOST:PORT,N,RANK with a RANK from 0 "
                "to N - 1, such as node1:9000,4,0; or no value, after FEATURES and "
                "TARGET"
            )
        # Whatever scheduler is around: all devices of the machine are for this process.
        place = _placed(found[1], int(found[2]), int(found[3]))
        return place | {"cluster_detection_method": "deactivate"}
    launched = re.fullmatch(
        r"prterun-(.+)-(\d+)@\d+", environment.get("PMIX_NAMESPACE", "")
    )
    if launched is None or "OMPI_COMM_WORLD_RANK" not in environment:
        return {}
    # Where mpirun runs, as JAX has it for earlier versions, and a port that other jobs
    # there are unlikely to have: the last 4,096 are for passing use.
    address = f"{launched[1]}:{65536 - 4096 + int(launched[2]) % 4096}"
    size, rank, local = (
        int(environment[f"OMPI_COMM_WORLD_{name}"])
        for name in ("SIZE", "RANK", "LOCAL_RANK")
    )
    return _placed(address, size, rank) | {"local_device_ids": [local]}


def _placed(address: str, size: int, rank: int) -> dict[str, Any]:
    return {
        "coordinator_address": address,
        "num_processes": size,
        "process_id": rank,
    }


class Job:
    """The part that this process has in a job of several.

    Parameters
    ----------
    given : str
        As for `place_in_job`.

    Attributes
    ----------
    rank, size : int
        Which of how many processes this is.
    """

    def __init__(self, given: str) -> None:
        import jax

        place = place_in_job(given, os.environ)
        _keep_chatter_back()
        # For CPUs; every jaxlib has it. GPUs have their own.
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        # It would take SIGTERM for itself, and a job that is cancelled would go on.
        with suppress(AttributeError):  # jax 0.8 has no such setting
            jax.config.update("jax_enable_preemption_service", False)
        try:
            jax.distributed.initialize(
                **place,
                initialization_timeout=JOINING,
                heartbeat_timeout_seconds=HEARTBEAT,
            )
        except Exception as error:
            raise ValueError(
                "--distributed: the processes of the job did not find each other "
                f"({error}). {EXPECTED}"
            ) from error
        self.rank, self.size = jax.process_index(), jax.process_count()
        os.write(2, f"{WHO}{self}\n".encode())
        self._ending = threading.Lock()
        # Whether this process has failed, and whether it knows of any that has.
        self._failing = self._known = False
        threading.Thread(target=self._listen, daemon=True).start()

    def __str__(self) -> str:
        return f"process {self.rank} of {self.size}"

    @property
    def leads(self) -> bool:
        """Whether this process prints and writes what there is to print and write."""
        return self.rank == 0

    def agree(self, *what: Any) -> None:
        """Make sure that all processes are about to compute the same.

        Raises
        ------
        ValueError
            In all processes; otherwise they would wait for what others never send.
        """
        from jax.experimental.multihost_utils import process_allgather

        mine = np.frombuffer(sha256(repr(what).encode()).digest(), np.uint8)
        every = np.asarray(process_allgather(mine))
        if others := np.flatnonzero((every != every[0]).any(1)).tolist():
            raise ValueError(
                f"--distributed: processes {others} were given other options or data "
                "than process 0; start all of them with the same command, where they "
                "find the same files"
            )

    def says(self, text: str) -> str | None:
        """What to print about a failure here; None if another process says it."""
        if ELSEWHERE in text and self._failed(ENDING_MS):
            return None
        if "Gloo" in text or "NCCL" in text:
            text = f"{LOST}. {AGAIN}"
        if not self._first(text):
            return None
        return f"{self}: {text}"

    def _first(self, text: str) -> bool:
        self._failing = True
        try:
            _service().key_value_set(FAILED, text)
        except Exception:  # noqa: BLE001 - it is there, or process 0 is not
            return not self._failed(ENDING_MS)
        return True

    def _failed(self, timeout_ms: int) -> bool:
        """Wait for some process to fail."""
        try:
            _service().blocking_key_value_get(FAILED, timeout_ms)
        except Exception:  # noqa: BLE001 - none failed, or process 0 is not there
            # Or the thread that listens has heard of one, and is about to end this.
            return self._known
        self._known = True
        return True

    def _listen(self) -> None:
        if self._failed(2**31 - 1) and not self._failing:
            self.end(1)

    def end(self, status: int) -> NoReturn:
        """End together with the others, which end at once if this process failed."""
        import jax

        if status:
            self._first("interrupted")
        # Not in the lock: a process that is done still listens for failures.
        met = bool(status) or self._met(DONE, SAVING_MS)
        with self._ending:
            sys.stdout.flush()
            sys.stderr.flush()
            if met and (status == 0 or self._met(FAILED, ENDING_MS)):
                with suppress(Exception):
                    jax.distributed.shutdown()
            # Python's own end would wait for, or trip over, the thread that listens.
            os._exit(status)

    @staticmethod
    def _met(where: str, patience_ms: int) -> bool:
        """Wait for the other processes to be there too."""
        try:
            _service().wait_at_barrier(where, patience_ms)
        except Exception:  # noqa: BLE001 - some are not, or process 0 is not
            return False
        return True


def _service() -> Any:
    """JAX's coordination service, which jax.distributed has no public name for."""
    from jax._src.distributed import global_state

    return global_state.client


def _keep_chatter_back() -> None:
    """Leave stdout and stderr to Python; everything else goes to the watcher."""
    chatter = int(os.environ[WORKER])
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(chatter, 1)
    os.dup2(chatter, 2)
    os.close(chatter)
