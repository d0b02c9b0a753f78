"""Orders: takes orders as JSON."""
from flask import Flask, jsonify
from webargs import fields
from webargs.flaskparser import use_args

app = Flask(__name__)


@app.route("/orders", methods=["POST"])
@use_args({"name": fields.Str(required=True)}, locations=("json",))
def order(args):
    return jsonify(args)


def post(body):
    app.testing = True
    return app.test_client().post("/orders", data=body, content_type="application/json").status_code


def main():
    print(post(b'{"name": "ana"}'))
    print(post(b'{"name": "caf\xe9"}'))
