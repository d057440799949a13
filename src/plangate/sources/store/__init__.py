"""The SQL store: plans that live in a database of our own, SQLite or PostgreSQL. The only folder that knows SQL."""

from .api_keys import ApiKey, add_api_key, find_api_key, list_api_keys, revoke_api_key
from .migrations import check, migrate
from .source import Store

__all__ = ["ApiKey", "Store", "add_api_key", "check", "find_api_key", "list_api_keys", "migrate", "revoke_api_key"]
