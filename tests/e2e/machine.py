"""A machine that is not to be relied on: its disk fills up, its clock jumps.

Both need something of the machine; what is missing is said by `Missing`.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path


class Missing(Exception):
    """What a fault needs is not there."""


class Disk:
    """A small file system of its own at a folder, for the data and the temporary files of a server."""

    def __init__(self, folder: Path, mebibytes: int):
        self.folder, self.ballast = folder, folder / "ballast"
        folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "tmpfs", str(folder)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError as e:
            folder.rmdir()
            raise Missing(f"no file system can be mounted: {e}") from None
        if done.returncode != 0:
            folder.rmdir()
            raise Missing(f"no file system can be mounted: {done.stderr.strip()}")
        (folder / "tmp").mkdir()
        #: What a server's environment says, so that its temporary files lie here too.
        self.env = {"TMPDIR": str(folder / "tmp")}

    def fill(self):
        """Takes all that is left, to the last byte."""
        with self.ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def gone(self):
        """Takes the file system away; nothing may use it any more."""
        subprocess.run(["umount", str(self.folder)], check=True)


class Clock:
    """The wall clock of a server, by libfaketime. Clocks that only go forward (CLOCK_MONOTONIC) are left alone."""

    def __init__(self, folder: Path):
        if not shutil.which("faketime"):
            raise Missing("the clock cannot jump: faketime is not installed")
        # The program knows where its library is.
        told = subprocess.run(["faketime", "-m", "-f", "+0", "env"], capture_output=True, text=True, check=True).stdout
        library = next(line.split("=", 1)[1] for line in told.splitlines() if line.startswith("LD_PRELOAD="))
        self.file = folder / "clock"
        self.jump(0)
        self.env = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, seconds: int):
        """The clock is so many seconds ahead of the real one, or behind it, from now on."""
        part = self.file.with_suffix(".part")
        part.write_text(f"{seconds:+d}")
        os.replace(part, self.file)
