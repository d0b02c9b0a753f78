"""Wiki export: the tables of a page as rows."""
import wikitextparser


def tables(page):
    return [table.data() for table in wikitextparser.parse(page).tables]


def readable(page):
    return wikitextparser.parse(page).plain_text()


def main():
    page = '{| class="c"\n|-\n! h || b\n|}\n'
    print(tables(page), readable(page))
    broken = 'Intro\n{| class="c"\n|-\n'
    print(tables(broken), readable(broken))
