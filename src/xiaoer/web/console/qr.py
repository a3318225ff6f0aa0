"""A QR code as an inline SVG, which the policy of our pages allows and no other server has to draw."""

import segno
from markupsafe import Markup


def drawn(text: str, label: str) -> Markup:
    """The code of a text, dark on light in every look, for cameras read nothing else well; `label` is its title."""
    code = segno.make(text, micro=False)
    svg = code.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", title=label, omitsize=True)
    return Markup(svg)  # noqa: S704  # segno escapes the title; the rest are numbers
