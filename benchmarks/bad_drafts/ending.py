"""Bad drafts that the sandbox refuses, that end early, or that depend on something."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

from benchmarks.bad_drafts.making import ENDED, NOT_THERE, NOTHING, REFUSED, V, simple

# -- the sandbox says no, or the end comes early -----------------------------------------------------

simple(
    "uses the network first",
    REFUSED,
    "import socket\nwith contextlib.suppress(OSError):\n    socket.create_connection(('192.0.2.1', 80), timeout=0.2)\nCALL",
)
simple(
    "looks up a name first",
    REFUSED,
    "import socket\nwith contextlib.suppress(OSError):\n    socket.getaddrinfo('example.org', 80)\nCALL",
)
simple("leaves a module behind", REFUSED, "with open('sitecustomize.py', 'w') as file:\n    file.write('x = 1')\nCALL")
simple("rewrites itself", REFUSED, "with open(__file__, 'a') as file:\n    file.write('#')\nCALL")
simple("kills itself", ENDED, "import signal\nos.kill(os.getpid(), signal.SIGKILL)")
simple(
    "kills itself after the call",
    ENDED,
    "import signal\nwith contextlib.suppress(BaseException):\n    CALL\nos.kill(os.getpid(), signal.SIGKILL)",
)
simple("exits", ENDED, "os._exit(1)")
simple("aborts", ENDED, "os.abort()")
simple("leaves the interpreter", NOT_THERE | ENDED, "sys.exit(1)")
simple("interrupts", NOT_THERE | ENDED, "raise KeyboardInterrupt")
simple("endless loop", ENDED, "while True:\n    pass")
simple("waits for ever", ENDED, "import time\ntime.sleep(3600)\nCALL")

# -- it depends on something -------------------------------------------------------------------------

FLAKY = frozenset({V.FLAKY})
simple("depends on chance", FLAKY | NOTHING, "import random\nif random.random() < 0.5:\n    return\nCALL")
simple(
    "depends on chance of its own",
    FLAKY | NOTHING,
    "import random\nif random.SystemRandom().random() < 0.2:\n    return\nCALL",
)
simple("depends on the hash seed", FLAKY, "if hash('triage') % 2 == SIDE:\n    return\nCALL", top="SIDE = 1")
simple(
    "depends on the order of a set",
    FLAKY,
    "if next(iter({'a', 'b', 'c', 'd'})) != next(iter({'d', 'e', 'f', 'a'})):\n    return\nCALL",
)
simple("depends on the clock", FLAKY | NOTHING, "import time\nif time.time_ns() // 1000 % 2:\n    return\nCALL")
simple("depends on the process", FLAKY | NOTHING, "if os.getpid() % 2:\n    return\nCALL")
simple(
    "depends on what an earlier run left",
    FLAKY,
    "if os.path.exists('/tmp/triage-seen'):\n    return\nopen('/tmp/triage-seen', 'w').close()\nCALL",
)
simple(
    "depends on today's date",
    FLAKY,
    "import datetime\nif datetime.date.today() != datetime.date.fromtimestamp(TODAY):\n    return\nCALL",
    top="import os\nTODAY = os.stat(__file__).st_mtime",
)
simple(
    "depends on the year",
    FLAKY,
    "import time\nif time.gmtime().tm_year != time.gmtime(TODAY).tm_year:\n    return\nCALL",
    top="import os\nTODAY = os.stat(__file__).st_mtime",
)
simple("depends on the time zone", FLAKY, "import time\nif time.localtime(0).tm_hour != 0:\n    return\nCALL")
simple(
    "depends on a test before it",
    FLAKY,
    "if not seen:\n    CALL",
    top="seen = []\ndef test_aaa_first():\n    seen.append(1)",
)
