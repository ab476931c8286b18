"""Writes messages again with lxml and with ElementTree: other encodings, prefixes, quotes and line ends.

    rewrite_xml.py FOLDER FILE...

Each FILE (`<case>/input.xml`) becomes `FOLDER/<case>.<variant>.xml`.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

from lxml import etree


def variants(source):
    tree = etree.parse(source, etree.XMLParser(load_dtd=False, no_network=True))
    for encoding in ("UTF-8", "ISO-8859-1", "ISO-8859-15", "windows-1252", "UTF-16", "US-ASCII"):
        yield encoding.lower(), etree.tostring(tree, xml_declaration=True, encoding=encoding)
    # Every namespace with a prefix of its own, empty elements with an end tag.
    plain = ElementTree.parse(source)
    yield "prefixed", ElementTree.tostring(plain.getroot(), encoding="utf-8", short_empty_elements=False)
    yield "canonical", etree.tostring(tree, method="c14n2")


def main():
    folder = pathlib.Path(sys.argv[1])
    for source in sys.argv[2:]:
        case = pathlib.Path(source).parent.name
        for name, content in variants(source):
            (folder / f"{case}.{name}.xml").write_bytes(content)


if __name__ == "__main__":
    main()
