"""Packs a function for Lambda: `bundle.py BINARY ZIP`.

The same binary gives the same zip: no time and no owner of this machine is in it, so
that Terraform updates a function only when its code has changed.
"""

import sys
import zipfile
from pathlib import Path

# Lambda starts the file of this name.
NAME = "bootstrap"
# The first time that a zip can tell.
TIME = (1980, 1, 1, 0, 0, 0)
# A file that everybody may read and run; the upper half is that of Unix.
MODE = 0o100755 << 16
UNIX = 3


def main(binary, target):
    entry = zipfile.ZipInfo(NAME, TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = MODE
    entry.create_system = UNIX
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, Path(binary).read_bytes(), compresslevel=9)


if __name__ == "__main__":
    main(*sys.argv[1:])
