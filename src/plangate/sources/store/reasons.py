"""Why the database does not answer, in a sentence for operators.

The sentences name hosts, users and databases, never a password: they are for logs and commands, not for clients.
"""

import os
import socket
import sqlite3
import ssl

import asyncpg  # type: ignore[import-untyped]
from msgspec import Struct
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from plangate.errors import BadUserInput, StoreUnavailable

from .address import Address

CORRECT = "Correct store.url (`plangate settings` shows it)."
MIGRATE = "Run `plangate migrate`."
QUOTED_CLASSES = frozenset({"08", "28", "3D", "3F", "42", "53", "57", "58"})


class Reason(Struct, frozen=True):
    """`permanent`: the database has answered, and will answer the same until an operator changes something."""

    sentence: str
    permanent: bool = True


def unavailable(source: str, error: BaseException, where: Address | URL) -> StoreUnavailable:
    """The error for clients, with the cause and the reason for operators."""
    reason = reason_of(error, where)
    return StoreUnavailable(
        source,
        "The database of the store does not answer.",
        reason=reason.sentence,
        permanent=reason.permanent,
        cause=cause_of(error),
    )


def refused(error: IntegrityError) -> BadUserInput:
    """What a record that was written breaks: constraints and triggers are named for what must be so."""
    driver = _of_the_driver(error)
    if isinstance(driver, asyncpg.PostgresError):
        name = driver.constraint_name or driver.column_name or ""
        exists = isinstance(driver, asyncpg.UniqueViolationError)
    else:
        name = str(driver).rpartition(": ")[2].rpartition(".")[2]
        exists = "UNIQUE" in str(driver)
    if exists:
        return BadUserInput("A record with this key exists already: choose another key.")
    return BadUserInput(f"A record breaks a rule of the store: {name.replace('_', ' ')}.")


def cause_of(error: BaseException) -> str:
    """The exception and its message, without values of the query and without SQL."""
    error = _of_the_driver(error)
    name, said = type(error).__name__, _said(error)
    if isinstance(error, asyncpg.PostgresError):
        name = f"{name} ({error.sqlstate or ''})"
    return f"{name}: {said}" if said else name


def reason_of(error: BaseException, where: Address | URL) -> Reason:
    error = _of_the_driver(error)
    found = _of_postgresql(error, where) if isinstance(where, Address) else _of_sqlite(error, where)
    return found or Reason(f"The database failed: {cause_of(error)}.", permanent=False)


def _of_the_driver(error: BaseException) -> BaseException:
    """SQLAlchemy wraps what its adapter raises, and that what the driver raised."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def _said(error: BaseException) -> str:
    """The first line of the error's message; empty if it may hold values of the query.

    Of PostgreSQL's errors only those classes are quoted whose messages hold names and never values: connection,
    authorization, missing database, schema, table or column, resources, operator intervention, system
    (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    """
    if isinstance(error, asyncpg.PostgresError):
        is_quoted = (error.sqlstate or "")[:2] in QUOTED_CLASSES
    else:
        # asyncpg's own DataError is a ValueError that quotes the argument.
        is_quoted = isinstance(error, OSError | sqlite3.Error | asyncpg.InterfaceError)
        is_quoted = is_quoted and not isinstance(error, ValueError)
    return str(error).partition("\n")[0][:200] if is_quoted else ""


def _of_postgresql(error: BaseException, where: Address) -> Reason | None:
    at, said = where.host or "this machine", _said(error).rstrip(".")
    match error:
        case asyncpg.InvalidPasswordError():
            return Reason(f'The server at {at} refuses the password of user "{where.user}". {CORRECT}')
        case asyncpg.InvalidAuthorizationSpecificationError():
            return Reason(f'The server at {at} does not accept user "{where.user}": {said}. {CORRECT}')
        case asyncpg.InvalidCatalogNameError():
            return Reason(f'The server at {at} has no database "{where.database}": create it. Else: {CORRECT}')
        case asyncpg.UndefinedTableError():
            return Reason(f"The store has no such table: {said}. {MIGRATE}")
        case asyncpg.InsufficientPrivilegeError():
            return Reason(f'The user "{where.user}" of the database lacks a privilege: {said}. GRANT it.')
        case asyncpg.TooManyConnectionsError():
            advice = "Lower store.pool_size or the number of workers, or raise the server's limit."
            return Reason(f"The server at {at} has no connection left: {said}. {advice}", permanent=False)
        case asyncpg.ProtocolViolationError() if "startup parameter" in said:
            return Reason(f"The connection pooler at {at} refuses a setting: {said}. Allow it there.")
        case asyncpg.ClientConfigurationError():
            return Reason(f"The store's URL cannot be used: {str(error).partition('.')[0]}. {CORRECT}")
        case ssl.SSLCertVerificationError():
            advice = "Name its authority's file in sslrootcert, and the host as the certificate does."
            return Reason(f"The certificate of {at} is not trusted: {error.verify_message}. {advice}")
        case ssl.SSLError():
            return Reason(f"TLS with {at} failed: {error.reason or said}. Check sslmode and its files.")
        case ConnectionError() if "rejected SSL upgrade" in said:
            return Reason(f"The server at {at} has no TLS, which the sslmode of store.url requires.")
        case socket.gaierror():
            return Reason(f"The host {at} is not known: {error.strerror}. {CORRECT}", permanent=False)
        case OSError():
            said = os.strerror(error.errno) if error.errno else said
            return Reason(
                f"No server answers at {at}: {said.lower()}. Start it, or correct store.url.", permanent=False
            )
    return None


def _of_sqlite(error: BaseException, where: URL) -> Reason | None:
    if not isinstance(error, sqlite3.Error):
        return None
    said, file = _said(error).rstrip("."), where.database
    if "no such table" in said:
        return Reason(f"The store has no such table: {said}. {MIGRATE}")
    if "no such file" in said:
        return Reason(f"There is no store at {file}: run `plangate migrate` first, or correct store.url.")
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in said:
        return Reason(f"The file {file} is not a SQLite database. {CORRECT}")
    if "unable to open" in said:
        return Reason(f"The file {file} cannot be opened: check that its folder exists and may be written to.")
    if "readonly" in said:
        return Reason(f"The file {file} cannot be written to: check its permissions and those of its folder.")
    return Reason(f"SQLite answers: {said} ({file}).", permanent=False)
