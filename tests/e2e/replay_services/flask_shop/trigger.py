from shop import create_app

app = create_app()
client = app.test_client()
client.post(
    "/quote/at",
    json={"lines": [{"price": 1250, "quantity": 3}, {"price": 99, "quantity": 1}], "code": "SPRING", "percent": 10},
)
