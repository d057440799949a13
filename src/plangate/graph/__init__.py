"""The GraphQL schema: one module per kind, and the few things that all kinds share.

`schema.py` puts it together. A field that is an attribute of the record is declared as an annotation and read as it is.
A field that leads to other records is an edge (`edge.py`): a batch function from parents to answers, nothing else.
"""
