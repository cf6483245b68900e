"""Packs a function for Lambda: `bundle.py BINARY CERTIFICATES ZIP`.

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
# A file that everybody may read, and run or not; the upper half is that of Unix.
PROGRAM = 0o100755 << 16
DATA = 0o100644 << 16
UNIX = 3


def entry(name, mode):
    described = zipfile.ZipInfo(name, TIME)
    described.compress_type = zipfile.ZIP_DEFLATED
    described.external_attr = mode
    described.create_system = UNIX
    return described


def main(binary, certificates, target):
    binary, certificates = Path(binary), Path(certificates)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry(NAME, PROGRAM), binary.read_bytes(), compresslevel=9)
        archive.writestr(entry(certificates.name, DATA), certificates.read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
