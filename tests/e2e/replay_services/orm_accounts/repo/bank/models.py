from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    entries: Mapped[list["Entry"]] = relationship(back_populates="account")

    @property
    def average(self):
        return sum(entry.cents for entry in self.entries) // len(self.entries)


class Entry(Base):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    cents: Mapped[int]
    account: Mapped[Account] = relationship(back_populates="entries")


def open_session(url="sqlite://"):
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    return Session(engine)
