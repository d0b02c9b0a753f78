"""Rows and messages."""

from pydantic import BaseModel, Field
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    balance: Mapped[float | None]
    limit: Mapped[float | None]


class Transfer(BaseModel):
    from_id: int = Field(alias="from")
    to_id: int
    amounts: dict[int, float] = {}


def headroom(account: Account) -> float:
    return account.limit - account.balance


def share(transfer: Transfer) -> float:
    return transfer.amounts[transfer.to_id] / transfer.amounts[transfer.from_id]
