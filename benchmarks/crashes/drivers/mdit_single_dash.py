"""Blog: renders posts with front matter."""
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

MD = MarkdownIt().use(front_matter_plugin)


def post(text):
    return MD.render(text)


def main():
    print(post("---\ntitle: tea\n---\n# Tea"))
    print(post("-"))
