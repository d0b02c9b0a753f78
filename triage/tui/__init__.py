"""The terminal app.

`app` wires; `actions` is the one registry of what can be done (keys, footer, help, palette and
docs come from it); `screens.base` says how a screen plugs in; `text` is the one door for outside
text; `jobs` the one runner of what is slow; `inks` the colours of lines; `window` the list over
the store.
"""
