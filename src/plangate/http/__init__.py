"""The parts of HTTP that do not depend on GraphQL.

middleware.py    the outermost layer: request ids and the request's line in the log
"""
