from datetime import date

from fastapi import FastAPI
from pydantic import BaseModel

from booking.rooms import allocate

app = FastAPI()


class Stay(BaseModel):
    guest: str
    arrival: date
    nights: int
    room: str | None = None


@app.post("/stays")
def create_stay(stay: Stay):
    return {"room": allocate(stay)}
