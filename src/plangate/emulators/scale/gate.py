"""What stands before every resource: the API key, and the account that the request is for."""

import secrets
from collections.abc import Collection

from starlette.requests import Request

from .errors import Refused


class Gate:
    """Lets in who has the key, for the accounts that it is good for.

    The account is said in a header, and in the query string or the body too [S, K]. What happens if they differ is not
    known: `conflict` is the status of the answer then, and None lets the header win. Both are stand-ins.
    """

    def __init__(self, api_key: str, accounts: Collection[str], conflict: int | None) -> None:
        self.api_key = api_key
        self.accounts = accounts
        self.conflict = conflict

    def account(self, request: Request, stated: str | None = None) -> str | None:
        """The account that the request is for, which is also `stated` elsewhere; None if it says none."""
        if not secrets.compare_digest(request.headers.get("x-api-key", "").encode(), self.api_key.encode()):
            raise Refused(401)
        selected = request.headers.get("x-selected-account-id")
        if self.conflict and None not in (selected, stated) and selected != stated:
            raise Refused(self.conflict, "The selected account is not the one of the request")
        account = selected or stated
        if account is not None and account not in self.accounts:
            raise Refused(403)
        return account
