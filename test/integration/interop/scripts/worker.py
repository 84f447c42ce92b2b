"""worker.py FORMAT: a worker whose data are pickled or JSON, for the clients of python.test.ts."""
import json
import pickle
import sys

from gearman_socket import work

FORMAT = sys.argv[1]
if FORMAT == "pickle":
    loads, dumps = pickle.loads, lambda value: pickle.dumps(value, protocol=2)
else:
    loads, dumps = json.loads, lambda value: json.dumps(value).encode()


def echo(job):
    return dumps(loads(job.data))


def steps(job):
    count = loads(job.data)
    for step in range(1, count + 1):
        job.send_data(dumps({"step": step}))
        job.send_status(step, count)
    job.send_warning(dumps("nearly done"))
    return dumps("done")


def throw(job):
    raise ValueError(loads(job.data))


def encode_error(error):
    if FORMAT == "pickle":
        return pickle.dumps(error, protocol=2)
    return json.dumps({"name": type(error).__name__, "message": str(error)}).encode()


def encode_text(error):
    return f"{type(error).__name__}: {error}".encode()


tasks = {"py-echo": echo, "py-steps": steps, "py-throws": throw}
work(tasks, encode_text if FORMAT == "text" else encode_error)
