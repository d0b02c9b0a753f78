"""Login: reads the keys of an identity provider."""
import jwt


def keys(document):
    try:
        return [key.key_id for key in jwt.PyJWKSet.from_dict(document).keys]
    except jwt.PyJWKSetError as error:
        return str(error)


def main():
    print(keys({"keys": []}))
    print(keys({"keys": ["oops"]}))
