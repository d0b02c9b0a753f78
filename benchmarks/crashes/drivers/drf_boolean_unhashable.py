"""Export: writes the settings of customers as the API shows them."""
import django
from django.conf import settings

settings.configure(USE_I18N=False)
django.setup()

from rest_framework import serializers


class CustomerSerializer(serializers.Serializer):
    name = serializers.CharField()
    newsletter = serializers.BooleanField()


def exported(rows):
    return [dict(CustomerSerializer(row).data) for row in rows]


def main():
    print(exported([{"name": "ana", "newsletter": "yes"}]))
    print(exported([{"name": "ana", "newsletter": "no"}, {"name": "ben", "newsletter": ["weekly", "sales"]}]))
