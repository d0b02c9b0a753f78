from django.urls import path

from polls.views import results

urlpatterns = [path("polls/<slug:slug>/results/", results)]
