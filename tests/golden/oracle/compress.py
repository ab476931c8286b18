#!/usr/bin/env python3
"""Writes the compressed inputs of the golden cases from their readable sources: `sources/<path>` -> `input/<path>.gz`.

Block gzip as the pipelines write it (SAM specification, section 4.1), the same bytes every time.
"""

import pathlib
import struct
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = 0xFF00
# Cut off after their first block, of this many lines, as a copy that broke off: what is left can be read to its end.
CUT = {"damage-files": 100}


def block(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    head = b"\x1f\x8b\x08\x04" + b"\0" * 4 + b"\0\xff" + struct.pack("<HBBHH", 6, ord("B"), ord("C"), 2, len(packed) + 25)
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data))


def compressed(data):
    return b"".join(block(data[at:at + BLOCK]) for at in range(0, len(data), BLOCK)) + block(b"")


def main():
    for source in sorted(path for path in ROOT.glob("*/*/sources/**/*") if path.is_file()):
        case = next(parent.parent for parent in source.parents if parent.name == "sources")
        data, lines = source.read_bytes(), CUT.get(case.name)
        data = block(b"".join(data.splitlines(keepends=True)[:lines])) if lines else compressed(data)
        target = case / "input" / (str(source.relative_to(case / "sources")) + ".gz")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
