"""Mailer: checks the templates that people upload."""
from jinja2 import DictLoader, Environment, TemplateSyntaxError


class Templates:
    def __init__(self, sources):
        self.environment = Environment(loader=DictLoader(sources))

    def problem(self, name):
        try:
            self.environment.get_template(name)
        except TemplateSyntaxError as error:
            return error.message
        return None


SOURCES = {
    "plain": "Dear {% block name required %}{% endblock %}",
    "busy": "Dear {% block name required %}{% if formal %}Sir{% endif %}{% endblock %}",
}


def main():
    templates = Templates(SOURCES)
    print([templates.problem(name) for name in SOURCES])
