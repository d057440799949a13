"""The body of a request: JSON, plain or compressed with gzip, within a size limit, read as it arrives."""

from collections.abc import Mapping

from starlette.types import Receive

from plangate.errors import HttpError

from .compression import Gunzip

JSON = "application/json"


async def read_json(receive: Receive, headers: Mapping[str, str], max_size: int) -> bytes:
    """The decompressed body of at most `max_size` bytes, not parsed. Raises HttpError: 400, 413 or 415."""
    # Also what keeps simple requests of other sites out: a browser sends a preflight request before this type.
    require_json(headers)
    gunzip = _decompressor(headers)
    too_large = HttpError(413, "PAYLOAD_TOO_LARGE", f"The request is larger than {max_size} bytes. Send less.")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > max_size:
        raise too_large
    chunks: list[bytes] = []
    received, size, has_more = 0, 0, True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HttpError(400, "BAD_REQUEST", "The request's body was not finished.")
        chunk, has_more = message.get("body", b""), message.get("more_body", False)
        received += len(chunk)
        if gunzip is not None:
            chunk = _decompressed(gunzip, chunk, max_size - size, is_last=not has_more)
        chunks.append(chunk)
        size += len(chunk)
        if max(size, received) > max_size:
            raise too_large
    return b"".join(chunks)


def require_json(headers: Mapping[str, str]) -> None:
    """Raises HttpError (415) unless the content type is JSON in UTF-8."""
    if headers.get("content-type") == JSON:
        return
    given, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    charsets = [each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")]
    if given != JSON or not set(charsets) <= {"utf-8", "utf8"}:
        message = f"Send the request as Content-Type: {JSON}, in UTF-8."
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", message, {"Accept-Post": JSON})


def _decompressor(headers: Mapping[str, str]) -> Gunzip | None:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("gzip", "x-gzip"):
        return Gunzip()
    if coding != "identity":
        message = "The request's Content-Encoding is not supported. Use gzip, or none."
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", message, {"Accept-Encoding": "gzip"})
    return None


def _decompressed(gunzip: Gunzip, chunk: bytes, room: int, *, is_last: bool) -> bytes:
    try:
        data = gunzip.feed(chunk, room + 1)
        if is_last and len(data) <= room:
            gunzip.finish()
    except ValueError:
        raise HttpError(400, "BAD_REQUEST", "The request's body is not one complete gzip stream.") from None
    return data
