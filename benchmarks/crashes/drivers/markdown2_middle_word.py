"""Notes: renders notes with the extras of each user."""
import markdown2


def render(note, extras):
    return markdown2.markdown(note["text"], extras=extras)


def main():
    print(render({"text": "a *b* c"}, ["tables", "strike"]))
    print(render({"text": "my_own_word and _more_"}, ["middle-word-em", "strike"]))
