import os
import sys
import tempfile

import sentry_sdk

from ledger.cli import main

folder = tempfile.mkdtemp()
path = os.path.join(folder, "march.csv")
open(path, "w").close()
sys.argv = ["ledger", "report", path, "--currency", "USD"]
try:
    main(standalone_mode=False)
except Exception:
    sentry_sdk.capture_exception()
