"""The files that belong to the repository: what git tracks or would track; without git, all but build output."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def repository_files():
    """Paths relative to ROOT, sorted."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
        ).stdout.decode()
        paths = {pathlib.PurePosixPath(name) for name in listed.split("\0") if name}
    except (OSError, subprocess.CalledProcessError):  # a source archive, or git refuses the folder
        paths = {
            pathlib.PurePosixPath(path.relative_to(ROOT).as_posix())
            for path in ROOT.rglob("*")
            if path.is_file() and not {"build", ".git", "__pycache__"} & set(path.relative_to(ROOT).parts)
        }
    return sorted(path for path in paths if (ROOT / path).is_file())
