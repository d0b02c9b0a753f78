from pipeline.main import clean, totals


def test_totals():
    assert totals(clean([{"account": "a", "amount": "1,5"}, {"account": "a", "amount": "2"}])) == {"a": 3.5}
