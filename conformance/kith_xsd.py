"""Checks XML against the schemas of the national message standards, with libxml2.

    kith_xsd.py SCHEMAS FILE...

SCHEMAS is the folder with the published schemas. Prints one line per file that is not valid, or that no schema is for, and
ends with status 1 if there is one. Schemas are read from the folder only, never from a host.
"""

import pathlib
import sys

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
# Namespace of the root element -> schemas that are needed for it.
MASTERS = {
    "http://www.kith.no/xmlstds/msghead/2006-05-24": [
        "MsgHead-v1_2.xsd",
        "Henvisning-v2.0.xsd",
        "dialogmelding-v1.1.xsd",
        "kith-base64.xsd",
    ],
    "http://www.kith.no/xmlstds/henvisning/2012-02-15": ["Henvisning-v1.1.xsd", "kith-base64.xsd"],
    "http://www.kith.no/xmlstds/apprec/2012-02-15": ["AppRec-v1.1.xsd"],
    "http://www.kith.no/xmlstds/apprec/2004-11-21": ["AppRec-v1-2004-11-21.xsd"],
}


class Folder(etree.Resolver):
    """Finds every schema in the folder by its file name; one that is not there declares nothing."""

    def __init__(self, folder, wanted):
        super().__init__()
        self.folder, self.wanted = folder, wanted

    def resolve(self, url, public_id, context):
        path = self.folder / pathlib.PurePosixPath(url).name
        if path.exists():
            return self.resolve_string(relaxed(path), context, base_url=path.name)
        return self.resolve_string(stub(path.name, self.wanted), context, base_url=path.name)


def relaxed(path):
    """The schema without its document type declaration, which only names itself."""
    text = path.read_bytes()
    start = text.find(b"<!DOCTYPE")
    if start < 0:
        return text
    end = text.find(b"]>", start)
    return text[:start] + text[end + 2 :]


def stub(name, wanted):
    """A schema that is imported and not published with the others: what is referred to in it may be anything."""
    namespace, elements = wanted.get(name, ("urn:none", []))
    declared = "".join(f'<element name="{element}"/>' for element in sorted(elements))
    return f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">{declared}</schema>'


def references(folder):
    """File name of every import that is not in the folder -> its namespace and the elements that are referred to."""
    wanted = {}
    for path in sorted(folder.glob("*.xsd")):
        tree = etree.fromstring(relaxed(path))
        prefixes = {namespace: prefix for prefix, namespace in tree.nsmap.items()}
        for imported in tree.iter(XSD + "import"):
            name = pathlib.PurePosixPath(imported.get("schemaLocation", "")).name
            namespace = imported.get("namespace")
            if name and not (folder / name).exists():
                entry = wanted.setdefault(name, (namespace, set()))
                start = f"{prefixes.get(namespace)}:"
                refs = (element.get("ref", "") for element in tree.iter(XSD + "element"))
                entry[1].update(ref[len(start) :] for ref in refs if ref.startswith(start))
    return wanted


def schema(folder, names, wanted):
    parser = etree.XMLParser(load_dtd=False, no_network=True)
    parser.resolvers.add(Folder(folder, wanted))
    spaces = {name: etree.fromstring(relaxed(folder / name)).get("targetNamespace") for name in names}
    imports = "".join(f'<import namespace="{space}" schemaLocation="{name}"/>' for name, space in spaces.items())
    master = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(master, parser))


def main():
    folder, files = pathlib.Path(sys.argv[1]), sys.argv[2:]
    wanted, loaded, invalid = references(folder), {}, 0
    for file in files:
        root = etree.parse(file, etree.XMLParser(load_dtd=False, no_network=True))
        namespace = etree.QName(root.getroot()).namespace
        if namespace not in MASTERS:
            print(f"{file}: no schema for {namespace}")
            invalid += 1
            continue
        if namespace not in loaded:
            loaded[namespace] = schema(folder, MASTERS[namespace], wanted)
        if not loaded[namespace].validate(root):
            invalid += 1
            error = loaded[namespace].error_log.last_error
            print(f"{file}:{error.line}: {error.message}")
    print(f"{len(files) - invalid} of {len(files)} files are valid")
    sys.exit(1 if invalid or not files else 0)


if __name__ == "__main__":
    main()
