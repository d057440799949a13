"""The parts of HTTP that do not depend on GraphQL.

middleware.py     the outermost layer: request ids, shared headers, the request's line in the log
negotiation.py    Accept and Accept-Encoding
compression.py    of responses, and decompression of request bodies
body.py           reading the body of a request
cors.py           which web pages may call
responses.py      the headers that all responses share, and the JSON of an error
"""
