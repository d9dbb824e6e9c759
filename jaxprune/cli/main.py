"""The command line: reads the arguments, runs a command, and reports what failed."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..base.version import __version__
from . import messages, options
from .commands import COMMANDS
from .commands._compiled import keep_compiled
from .commands._distributed import Job
from .commands._watcher import is_worker, watched

# What the user can put right (2), as opposed to what went wrong on the way (1).
USAGE, FAILED, INTERRUPTED = 2, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments, by default those of the process.

    Returns
    -------
    int
        Exit status: 0, 1 (failed while running), 2 (bad input), 130 (interrupted).
    """
    with _showing_all():
        return _main(sys.argv[1:] if argv is None else list(argv))


def _main(argv: list[str]) -> int:
    parser = make_parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    args.line = argv
    keep_compiled()
    if getattr(args, "distributed", None) is not None and not is_worker():
        return watched(argv)
    status = _run(args)
    if (job := getattr(args, "job", None)) is not None:
        job.end(status)
    return status


def _run(args: argparse.Namespace) -> int:
    """Run a command, and say in a line what failed."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = messages.show_warning
        try:
            return args.run(args)
        except KeyboardInterrupt:
            messages.say("interrupted")
            return INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has gone; Python must not flush to it again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except (ValueError, OSError, ImportError, KeyError) as error:
            return _fail(error, USAGE, getattr(args, "job", None))
        except Exception as error:  # noqa: BLE001 - users get a line, not a traceback
            job = getattr(args, "job", None)
            if (missing := _missing_platform()) is not None:
                return _fail(missing, USAGE, job)
            return _fail(error, FAILED, job)


def _missing_platform() -> ValueError | None:
    """The reason why nothing can be computed, if JAX has no device at all."""
    from ..execution.devices import local_devices

    try:
        local_devices()
    except ValueError as error:
        return error
    return None


@contextmanager
def _showing_all() -> Iterator[None]:
    """Let a terminal show letters that its encoding lacks as escapes.

    A result that is saved does not fail because a name of a folder cannot be printed.
    """
    before = []
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            before.append((stream, stream.errors))
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in before:
            if not stream.closed:
                stream.reconfigure(errors=errors)


def make_parser() -> options.Parser:
    """Build the parser; ``args.run`` is the function of the command given."""
    top = options.Parser(
        prog="jaxprune",
        description="Which units of a network carry a representation.",
        epilog="`jaxprune COMMAND --help` shows the options of a command.",
    )
    top.add_argument("--version", action="version", version=f"jaxprune {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for module in COMMANDS:
        module.add(commands)
    return top


def _fail(error: Exception, status: int, job: Job | None) -> int:
    if os.environ.get("JAXPRUNE_TRACEBACK"):
        if job is None:
            raise error
        traceback.print_exception(error)
    text = messages.one_line(error)
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in text:
        text = f"not enough memory; a smaller --memory or --batch-size may help. {text}"
    elif status == FAILED:
        text = f"{type(error).__name__}: {text} (JAXPRUNE_TRACEBACK=1 shows where)"
    text = text.strip() or type(error).__name__
    said = text if job is None else job.says(text)
    if said is not None:
        messages.say(f"error: {said}")
    return status
