"""client.py FORMAT: submits one job of each kind to the worker of python.test.ts, and tells as JSON what happened."""
import json
import pickle
import sys

from gearman_socket import WORK_COMPLETE, WORK_DATA, WORK_EXCEPTION, WORK_STATUS, WORK_WARNING, submit

FORMAT = sys.argv[1]
if FORMAT == "pickle":
    loads, dumps = pickle.loads, lambda value: pickle.dumps(value, protocol=2)
else:
    loads, dumps = json.loads, lambda value: json.dumps(value).encode()

NAMES = {WORK_DATA: "data", WORK_WARNING: "warning", WORK_COMPLETE: "complete"}
value = {"name": "Grüße", "list": [1, 2.5, True, None], "nested": {"seven": "7"}, "empty": []}
told = []
for task, data in (("echo", value), ("steps", 2), ("throw", "cannot be done")):
    for kind, rest in submit(f"{task}-{FORMAT}", dumps(data)):
        if kind in NAMES:
            told.append([NAMES[kind], loads(rest)])
        elif kind == WORK_STATUS:
            told.append(["status", [int(number) for number in rest.split(b"\0")]])
        elif kind == WORK_EXCEPTION and FORMAT == "pickle":
            error = loads(rest)
            told.append(["exception", f"{type(error).__name__}: {error}"])
        elif kind == WORK_EXCEPTION:
            told.append(["exception", loads(rest)])
        else:
            told.append(["unexpected", kind])
json.dump(told, sys.stdout)
