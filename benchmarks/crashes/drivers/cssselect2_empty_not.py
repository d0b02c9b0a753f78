"""Style checker: counts the elements that rules match."""
from xml.etree import ElementTree

import cssselect2


def matched(html, selector):
    wrapper = cssselect2.ElementWrapper.from_html_root(ElementTree.fromstring(html))
    try:
        return len(list(wrapper.query_all(selector)))
    except cssselect2.SelectorError:
        return 0


def main():
    page = "<html><body><p class='a'/><p/></body></html>"
    print(matched(page, "p:not(.a)"))
    print(matched(page, "p:not()"))
