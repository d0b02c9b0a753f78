def amount(line):
    name, value = line.split(";")
    return float(value)


def summarise(lines, currency):
    values = [amount(line) for line in lines]
    return f"{sum(values):.2f} {currency}, largest {max(values):.2f}"
