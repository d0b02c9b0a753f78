"""Feed reader: full texts, without what is marked as advertisement."""

import trafilatura

ADS = "//*[contains(@class, 'ads')]"


class Reader:
    def __init__(self, prune):
        self.prune = prune

    def read(self, html):
        return trafilatura.extract(html, prune_xpath=self.prune, no_fallback=True)


def page(classes, extra=""):
    text = "<p>The river rose by two metres in one night and flooded the old bridge of the village again.</p>" * 5
    return '<html class="%s"><body><article><h1>Flood</h1>%s%s</article></body></html>' % (classes, text, extra)


def main():
    reader = Reader(ADS)
    print(reader.read(page("js", '<div class="ads">Buy boots</div>')))
    print(reader.read(page("js no-ads", '<div class="ads">Buy boots</div>')))
