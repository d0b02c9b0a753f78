import os

os.environ["DJANGO_SETTINGS_MODULE"] = "site_config.settings"
import django

django.setup()
from django.test import Client

Client(raise_request_exception=False).get("/polls/trip/results/?order=asc")
