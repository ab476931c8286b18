"""JSON with the digits of each number as given, and the row rule."""

import gzip
import json


class Num(str):
    """A number by its lexeme: 0.2870 stays 0.2870."""


def pruned(value):
    """Drops members and items without content; order is kept."""
    if isinstance(value, dict):
        pairs = [(key, pruned(member)) for key, member in value.items()]
        return {key: member for key, member in pairs if member not in (None, {}, [])} or None
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item not in (None, {}, [])] or None
    return value


def write(value, indent=0):
    """JSON, two blanks a level."""
    inner, outer = "  " * (indent + 1), "  " * indent
    if isinstance(value, dict):
        members = [f"{inner}{json.dumps(key)}: {write(member, indent + 1)}" for key, member in value.items()]
        return "{\n" + ",\n".join(members) + "\n" + outer + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + write(item, indent + 1) for item in value) + "\n" + outer + "]"
    if isinstance(value, Num):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    assert isinstance(value, str), value
    return json.dumps(value, ensure_ascii=False)


# First cells of lines that hold column names; `Analysis Status` has an empty first cell instead.
COLUMN_HEADS = (b"Gene", b"Gene Pair", b"Metric (UOM)", b"#sample_type", b"Chromosome")


def file_row_lines(name, data):
    """Line numbers of the rows of a file, by the form that its name tells; None where they are no lines (JSON, XML)."""
    if name.endswith(".gz"):
        name, data = name.removesuffix(".gz"), gzip.decompress(data)
    if name.endswith((".json", ".xml")):
        return None
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip(b" \t\r\",")]
    if name.endswith("vcf"):
        return [number for number, line in lines if not line.startswith(b"#")]
    if name.endswith(".csv"):
        return [number for number, line in lines if not line.startswith(b"#")][1:]
    if "small_variant_table" in name or "variant_summary" in name or "PRONTO_metadata" in name:
        heads = (b"Sample_ID\t", b"sample_id\t", b"Sample_id\t")
        return [number for number, line in lines if not line.startswith(heads)]
    return row_lines(data)


def row_lines(data):
    """Line numbers of the rows: every non-blank line that is no banner, section head or column head.

    Counted from the bytes. Of a section only the first line can hold column names, so that a repetition of them is a row.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    rows, section, first = [], None, True
    for number, line in enumerate(data.split(b"\n"), 1):
        cells = [cell.strip().removeprefix(b'"').removesuffix(b'"') for cell in line.rstrip(b"\r").split(b"\t")]
        if not any(cells):
            continue
        head = cells[0].startswith(b"[") and cells[0].endswith(b"]") and not any(cells[1:])
        banner = section is None and (b"Output" in cells[0] or cells[0].startswith(b"For Research Use Only"))
        columns = first and (cells[0] in COLUMN_HEADS or (section == b"[Analysis Status]" and not cells[0]))
        if head:
            section, first = cells[0], True
            continue
        if not banner and not columns:
            rows.append(number)
        if not banner:
            first = False
    return rows
