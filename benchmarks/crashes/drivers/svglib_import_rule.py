"""Labels: prints logos of suppliers."""
import io

from svglib.svglib import svg2rlg

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10">
<style>%s</style><rect class="a" width="9" height="9"/></svg>"""


def sizes(styles):
    found = []
    for style in styles:
        drawing = svg2rlg(io.BytesIO((LOGO % style).encode()))
        found.append((drawing.width, drawing.height))
    return found


def main():
    print(sizes([".a { fill: red }"]))
    print(sizes([".a { fill: red }", "@import url('https://example.org/a.css'); .a { fill: blue }"]))
