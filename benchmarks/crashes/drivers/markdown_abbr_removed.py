"""Wiki: renders pages with a glossary."""
import markdown


def render(page):
    return markdown.markdown(page, extensions=["abbr"])


def main():
    print(render("The HTML page\n\n*[HTML]: Hyper Text"))
    print(render("The HTML page\n\n*[HTML]: ''\n\n*[CSS]: ''\n\n*[CSS]: ''"))
