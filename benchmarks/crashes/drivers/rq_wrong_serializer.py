"""Queue: looks at a job that another service put there."""
from fakeredis import FakeStrictRedis
from rq.job import Job
from rq.serializers import JSONSerializer


def put(connection, identity):
    job = Job.create("reports.build", args=(), id=identity, connection=connection, serializer=JSONSerializer)
    job.meta = {"asked_by": "ana"}
    job.save(include_meta=True)


def look(connection, identity):
    return Job.fetch(identity, connection=connection).id


def main():
    connection = FakeStrictRedis()
    put(connection, "job-1")
    print(look(connection, "job-1"))
