"""A small shop."""

from flask import Flask

from shop.views import bp


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(DATABASE=":memory:", **(config or {}))
    app.register_blueprint(bp)
    return app
