"""Mail gateway: names of attachments."""
from aiohttp.multipart import content_disposition_filename, parse_content_disposition


def filename(header):
    _, parameters = parse_content_disposition(header)
    return content_disposition_filename(parameters)


def main():
    print(filename("attachment; filename*=utf-8''n%C3%A4me.txt"))
    print(filename("attachment; filename*=x-mac-hebrew2''n%E4me.txt"))
