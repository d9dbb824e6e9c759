"""Whether sdist and wheel hold what they should, in an environment with the wheel only.

Usage: python .ci/package.py DIST
"""

import importlib
import pkgutil
import subprocess
import sys
import tarfile
from importlib.metadata import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"jaxprune": "jaxprune", "jaxprune_ports": "ports/jaxprune_ports"}


def tracked() -> set[str]:
    """Files of the checkout."""
    listed = subprocess.check_output(["git", "-C", ROOT, "ls-files", "-z"], text=True)
    return set(listed.split("\0")) - {""}


def in_sdist(dist: Path) -> set[str]:
    """Files of the sdist, without the metadata that building adds."""
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = [member.name for member in archive if member.isfile()]
    return {name.partition("/")[2] for name in names} - {"PKG-INFO"}


def in_wheel() -> set[str]:
    """Files that the wheel installed, named as in the checkout."""
    found = set()
    for file in files("jaxprune") or []:
        package, _, rest = file.as_posix().partition("/")
        if package in PACKAGES and file.suffix != ".pyc":
            found.add(f"{PACKAGES[package]}/{rest}")
    return found


def not_importable() -> list[str]:
    """Modules that lack a package, and do not say which extra brings it."""
    wrong = []
    for package in PACKAGES:
        here = importlib.import_module(package)
        if Path(sys.prefix) not in Path(here.__file__ or "").parents:
            wrong.append(f"{package} is imported from {here.__file__}")
        for module in pkgutil.walk_packages(here.__path__, f"{package}."):
            if module.name.endswith("__main__"):  # would run
                continue
            try:
                importlib.import_module(module.name)
            except ImportError as error:
                if "pip install 'jaxprune[" not in str(error):
                    wrong.append(f"{module.name}: {error}")
    return wrong


def main(dist: Path) -> None:
    """Say what is wrong, and exit accordingly."""
    checkout, sdist, wheel = tracked(), in_sdist(dist), in_wheel()
    code = {path for path in checkout if path.startswith((*PACKAGES.values(),))}
    print(f"{len(sdist)} files in the sdist, {len(wheel)} in the wheel")
    wrong = [
        *(f"not in the sdist: {path}" for path in sorted(checkout - sdist)),
        *(f"only in the sdist: {path}" for path in sorted(sdist - checkout)),
        *(f"not in the wheel: {path}" for path in sorted(code - wheel)),
        *(f"only in the wheel: {path}" for path in sorted(wheel - code)),
        *not_importable(),
    ]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
