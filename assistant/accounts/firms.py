"""The firm that a user has chosen to keep: one each, as its form has it. Does not know what the fields mean."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from assistant.accounts.users import Clock
from assistant.database.opening import Database
from assistant.database.tables import firms


@dataclass(frozen=True, slots=True)
class KeptFirm:
    """A firm: the sentence that it was described in, and its fields as they stand in the form."""

    said: str
    fields: Mapping[str, str]


class Firms:
    """The firms of one database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def of(self, user_id: str) -> KeptFirm | None:
        """The firm that a user keeps."""
        with self._database.begin() as connection:
            row = connection.execute(select(firms).where(firms.c.user_id == user_id)).first()
        return KeptFirm(row.said, json.loads(row.fields)) if row is not None else None

    def keep(self, user_id: str, firm: KeptFirm) -> None:
        """Keep `firm`, in the place of the one before."""
        values = {"said": firm.said, "fields": json.dumps(dict(firm.fields), ensure_ascii=False)}
        with self._database.begin() as connection:
            connection.execute(delete(firms).where(firms.c.user_id == user_id))
            connection.execute(insert(firms).values(user_id=user_id, kept_at=int(self._clock()), **values))

    def forget(self, user_id: str) -> None:
        """Delete what a user keeps, if anything."""
        with self._database.begin() as connection:
            connection.execute(delete(firms).where(firms.c.user_id == user_id))
