"""Newsletter: plain text versions of mails, without marks for bold text."""
import html2text


def plain(body, strong="**"):
    writer = html2text.HTML2Text()
    writer.strong_mark = strong
    return writer.handle(body)


def main():
    print(plain("<p>Hello <b>you</b></p>"))
    print(plain("<p>Hello <b>you</b></p>", strong=""))
