"""Scale's own attributes, named and typed as its reference has them.

What a plan has is documented with `POST /v4/plans` [S]. What its `steps` hold is not, beyond "Tree of step -> substep
state (threadIds, etc)" [S]: it is passed on as it is. Required there is not believed here: an attribute that is absent,
or of another type than documented, is null.
"""

from typing import Any

from msgspec import Struct


class ScalePlan(Struct, frozen=True, gc=False):
    """All 12 attributes that Scale documents for a plan [S]. Instants are as Scale wrote them.

    `created_by_identity_type` is `user` or `service_account` [S]; another word is passed on.
    """

    id: str
    title: str | None = None
    associated_file_ids: tuple[str, ...] | None = None
    steps: Any = None
    created_at: str | None = None
    updated_at: str | None = None
    created_by_user_id: str | None = None
    created_by_identity_type: str | None = None
    account_id: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    archived_at: str | None = None


class ScaleStep(Struct, frozen=True, gc=False):
    """A node of a plan's `steps`: `pointer` is its place there, a JSON Pointer (RFC 6901), `state` all that is there.

    `thread_ids` is the state's `threadIds`, which the reference names without a type [S]: a list of texts, or null.
    """

    pointer: str
    state: Any = None
    thread_ids: tuple[str, ...] | None = None
