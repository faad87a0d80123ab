"""Media types of mail, which are bytes as they are."""

import schemathesis


@schemathesis.serializer("message/rfc822", "application/mbox")
def as_bytes(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
