import os
import sys
import tempfile

import sentry_sdk

from pipeline.main import main

path = os.path.join(tempfile.mkdtemp(), "may.csv")
with open(path, "w") as stream:
    stream.write("account,amount\nx,1\ny\n")
sys.argv = ["pipeline", path, "--indent", "2"]
try:
    main()
except Exception:
    sentry_sdk.capture_exception()
