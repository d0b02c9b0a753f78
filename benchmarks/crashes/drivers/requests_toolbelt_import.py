"""Uploader: sends files in parts."""


def encoder(fields):
    from requests_toolbelt import MultipartEncoder

    return MultipartEncoder(fields=fields, boundary="part").content_type


def main():
    print(encoder({"name": "report"}))
