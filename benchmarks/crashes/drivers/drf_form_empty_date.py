"""Pages: draws the form of an event."""
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["rest_framework"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
django.setup()

from rest_framework import serializers
from rest_framework.renderers import HTMLFormRenderer


class EventSerializer(serializers.Serializer):
    title = serializers.CharField()
    begins = serializers.DateTimeField(allow_null=True, required=False)


def form(event):
    serializer = EventSerializer(event)
    return HTMLFormRenderer().render(serializer.data, "text/html", {"style": {}})


def main():
    print(len(form({"title": "Lunch", "begins": "2026-01-01T12:00:00Z"})) > 100)
    print(len(form({"title": "Someday", "begins": None})) > 100)
