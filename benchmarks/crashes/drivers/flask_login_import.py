"""Portal: sets up who may log in."""
from flask import Flask


def service(secret):
    app = Flask("portal")
    app.secret_key = secret
    from flask_login import LoginManager

    LoginManager(app)
    return app


def main():
    print(service("quiet").name)
