from django.test import SimpleTestCase


class ResultsTest(SimpleTestCase):
    def test_lunch(self):
        self.assertEqual(self.client.get("/polls/lunch/results/").json()["rows"][0], ["pizza", 75])
