def share(votes, choice):
    return 100 * votes[choice] // sum(votes.values())


def table(slug, votes, order="desc"):
    rows = [(choice, share(votes, choice)) for choice in votes]
    rows.sort(key=lambda row: row[1], reverse=order == "desc")
    return {"poll": slug, "rows": rows}
