"""Downloads: finds the names of files."""
from aiohttp.multipart import content_disposition_filename, parse_content_disposition


class Download:
    def __init__(self, headers):
        self.headers = headers

    def name(self):
        kind, parameters = parse_content_disposition(self.headers.get("Content-Disposition"))
        return content_disposition_filename(parameters) or "download"


def main():
    for header in ('attachment; filename="a.txt"', "inline", "attachment; filename="):
        print(Download({"Content-Disposition": header}).name())
