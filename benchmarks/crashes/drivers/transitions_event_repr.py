"""Door: a state machine that logs its events."""
from transitions import Machine
from transitions.core import EventData


class Door:
    def __init__(self):
        self.machine = Machine(self, states=["open", "closed"], initial="open", send_event=True)
        self.machine.add_transition("shut", "open", "closed", before=self.note)

    def note(self, event):
        self.last = repr(event)


def pending(door, name):
    event = door.machine.events[name]
    return repr(EventData(door.machine.states[door.state], event, door.machine, door, args=[], kwargs={}))


def main():
    door = Door()
    door.shut()
    print(door.last)
    print(pending(door, "shut"))
