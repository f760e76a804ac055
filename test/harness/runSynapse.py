"""Runs Synapse for as long as the process that started it lives.

The starter holds the other end of our stdin. When it ends, however it ends (kill -9 included), the operating system
closes that end, and nothing is left running. Nor is the folder named by REMOVE_WITH_STARTER left, if there is one.
"""

import os
import shutil
import threading


def end_with_starter() -> None:
    while os.read(0, 4096):
        pass
    folder = os.environ.get("REMOVE_WITH_STARTER")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(70)


# Before the import, which takes a second during which the starter may die as well.
threading.Thread(target=end_with_starter, daemon=True).start()

from synapse.app.homeserver import main  # noqa: E402

main()
