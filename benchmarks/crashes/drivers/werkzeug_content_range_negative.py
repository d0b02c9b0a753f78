"""Mirror: reads the headers of partial downloads."""
from werkzeug.http import parse_content_range_header


def resume_point(headers):
    found = parse_content_range_header(headers.get("Content-Range"))
    return found.stop if found else 0


def main():
    print(resume_point({"Content-Range": "bytes 0-499/1234"}))
    print(resume_point({"Content-Length": "3", "Content-Range": "bytes */-1"}))
