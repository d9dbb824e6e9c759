"""One job of several processes: how they meet, how they fail, how they part.

A process that fails says so in a line after 5 s, if others do not fail alike, and ends.
``srun -K`` and ``mpirun`` then end the others. Without them JAX does: within 1 s of
three processes on one machine where the one that ended, or was killed, was process 0 or
they wait for its sums; else after 60 s, when its heartbeats are missed.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, NoReturn

import numpy as np

from ...base.checks import ELSEWHERE
from ._watcher import AGAIN, EXPECTED, JOINING, LOST, SAID, keep_chatter_back, tell

# A process that was not heard of for so many seconds is dead. Heartbeats come from a
# thread of their own, which long computations do not hold up.
HEARTBEAT = 60
# A process that fails waits so many seconds for others that fail alike: one says it.
LINGER = 5

AUTO = "auto"


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
        address, size, rank = found[1], int(found[2]), int(found[3])
        # Whatever scheduler is around: all devices of the machine are for this process.
        more: dict[str, Any] = {"cluster_detection_method": "deactivate"}
    else:
        namespace = environment.get("PMIX_NAMESPACE", "")
        found = re.fullmatch(r"prterun-(.+)-(\d+)@\d+", namespace)
        if found is None or "OMPI_COMM_WORLD_RANK" not in environment:
            return {}
        size, rank, local = (
            int(environment[f"OMPI_COMM_WORLD_{name}"])
            for name in ("SIZE", "RANK", "LOCAL_RANK")
        )
        # Where mpirun runs, as JAX has it for earlier versions, and a port that other
        # jobs there are unlikely to have: the last 4,096 are for passing use.
        address = f"{found[1]}:{65536 - 4096 + int(found[2]) % 4096}"
        more = {"local_device_ids": [local]}
    place = {"coordinator_address": address, "num_processes": size, "process_id": rank}
    return place | more


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
        keep_chatter_back()
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
        tell(str(self))
        self._agreed = self._left = False

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
            One of them says what is wrong.
        """
        every = self._gather(sha256(repr(what).encode()).digest())
        if not every.any(1).all():
            self.leave()
            raise ValueError(ELSEWHERE)
        self._agreed = True
        if others := np.flatnonzero((every != every[0]).any(1)).tolist():
            raise ValueError(
                f"--distributed: processes {others} were given other options or data "
                "than process 0; start all of them with the same command, where they "
                "find the same files"
                if self.leads
                else ELSEWHERE
            )

    def says(self, text: str) -> str | None:
        """What to print about a failure here; None if another process says it."""
        if "Gloo" in text or "NCCL" in text:
            text = f"{LOST}. {AGAIN}"
        elif not self._speaks(ELSEWHERE not in text):
            return None
        return f"{self}: {text}"

    def _speaks(self, knows: bool) -> bool:
        """Whether this is the first of the processes that know why they fail."""
        import jax

        first = [self.rank]

        def ask() -> None:
            with suppress(Exception):
                if self._agreed:
                    # Those that have not failed never come, and are not waited for.
                    jax.distributed.shutdown()
                first[0] = int(self._gather(bytes([not knows] * 32)).any(1).argmin())
                jax.distributed.shutdown()

        if not self._left:
            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            asking.join(LINGER)
        return knows and first[0] == self.rank

    @staticmethod
    def _gather(mine: bytes) -> np.ndarray:
        """Rows of 32 bytes, one of every process: zeros of one that knows why it fails.

        Before they have agreed, those that do not fail send what they agree on.
        """
        from jax.experimental.multihost_utils import process_allgather

        return np.asarray(process_allgather(np.frombuffer(mine, np.uint8)))

    def leave(self) -> None:
        """Part from the others, when everything is computed and before it is saved."""
        import jax

        jax.distributed.shutdown()
        self._left = True

    def end(self, status: int) -> NoReturn:
        """End at once: Python's own end would wait for what others never send."""
        # Whatever JAX makes of it now, the watcher has nothing to add.
        tell(SAID)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
