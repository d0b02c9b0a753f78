class Plan:
    def __init__(self, taken):
        self.taken = taken

    def book(self, name, hour, length=1):
        hours = list(range(hour, hour + length))
        if set(hours) & set(self.taken[name]):
            return None
        self.taken[name] += hours
        return hours
