"""Thumbnails: SVG in, normalised SVG out."""

from io import BytesIO

from reportlab.graphics import renderSVG
from svglib.svglib import svg2rlg


def thumbnail(data, width):
    drawing = svg2rlg(BytesIO(data))
    scale = width / drawing.width
    drawing.width, drawing.height = width, drawing.height * scale
    drawing.scale(scale, scale)
    return renderSVG.drawToString(drawing)


def main():
    plain = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9" fill="red"/></svg>'
    )
    shaded = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><defs><linearGradient id="g">'
        b'<stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient></defs>'
        b'<rect width="30" height="10" fill="url(#g)"/></svg>'
    )
    print(len(thumbnail(plain, 20)))
    print(len(thumbnail(shaded, 20)))
