"""Resource ids, computed apart from the program: HMAC-SHA-256 over length-prefixed fields, first 16 bytes as UUIDv8."""

import hashlib
import hmac
import uuid

SECRET = b"impress-gateway demo secret: public, not for patient data"
FACE = "identified"


def resource_id(resource_type, owner, kind, key, part=""):
    """Id of the resource of `resource_type` that stands for the business key (owner, kind, key fields)."""
    message = b""
    for field in [FACE, resource_type, owner, kind, part, *key]:
        data = field.encode("utf-8")
        message += len(data).to_bytes(8, "big") + data
    digest = bytearray(hmac.new(SECRET, message, hashlib.sha256).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


class Thing:
    """Something with a business key, and the resource type that stands for it."""

    def __init__(self, resource_type, owner, kind, key):
        self.resource_type, self.owner, self.kind, self.key = resource_type, owner, kind, list(key)

    def id(self, part=""):
        return resource_id(self.resource_type, self.owner, self.kind, self.key, part)

    def urn(self, part=""):
        return {"reference": "urn:uuid:" + self.id(part)}

    @property
    def ref(self):
        """`Type/id`, as the accounting names it."""
        return self.resource_type + "/" + self.id()

    def order(self):
        return (self.owner, self.kind, self.key)
