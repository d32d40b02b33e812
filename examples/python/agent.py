"""An agent that works through some tasks and says what happens. Start `tidings up`, then run `python agent.py`."""

import random
import sys
import time

from tidings_client import Tidings


def work(task: str) -> None:
    """Stands for what an agent does; now and then it fails."""
    time.sleep(0.01)
    if random.random() < 0.3:
        raise TimeoutError(f"no answer for {task}")


def main() -> int:
    with Tidings(agent="example", session=f"run-{int(time.time())}") as tidings:
        for number in range(20):
            task = f"task {number}"
            tidings.emit("invocation.start", {"task": task})
            started = time.monotonic()
            try:
                work(task)
            except TimeoutError as error:
                tidings.emit("tool.error", {"task": task, "error": str(error)})
            else:
                tidings.emit("invocation.complete", {"task": task, "seconds": round(time.monotonic() - started, 3)})
    print(f"dropped {tidings.dropped}, refused {tidings.refused}")
    return 1 if tidings.dropped or tidings.refused else 0


if __name__ == "__main__":
    sys.exit(main())
