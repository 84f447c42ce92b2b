"""The worker's and the client's side of Gearman over a bare socket, as far as the tests need them."""
import os
import socket
import struct

CAN_DO, PRE_SLEEP, NOOP, SUBMIT_JOB, JOB_CREATED, GRAB_JOB, NO_JOB, JOB_ASSIGN = 1, 4, 6, 7, 8, 9, 10, 11
WORK_STATUS, WORK_COMPLETE, WORK_FAIL, WORK_EXCEPTION, OPTION_REQ, OPTION_RES = 12, 13, 14, 25, 26, 27
WORK_DATA, WORK_WARNING, ERROR = 28, 29, 19


class Connection:
    def __init__(self, servers=None):
        host, port = (servers or os.environ["GEARMAN_SERVERS"]).split(",")[0].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.file = self.socket.makefile("rb")

    def send(self, kind, *args):
        body = b"\0".join(arg if isinstance(arg, bytes) else str(arg).encode() for arg in args)
        self.socket.sendall(struct.pack(">4sII", b"\0REQ", kind, len(body)) + body)

    def receive(self):
        magic, kind, size = struct.unpack(">4sII", self.file.read(12))
        assert magic == b"\0RES", magic
        return kind, self.file.read(size)


class Job:
    def __init__(self, connection, handle, data):
        self.connection, self.handle, self.data = connection, handle, data

    def send_data(self, data):
        self.connection.send(WORK_DATA, self.handle, data)

    def send_warning(self, data):
        self.connection.send(WORK_WARNING, self.handle, data)

    def send_status(self, numerator, denominator):
        self.connection.send(WORK_STATUS, self.handle, numerator, denominator)


def work(tasks, encode_error):
    """Works until the connection ends. `tasks` maps names to functions of a job, which return bytes."""
    connection = Connection()
    for name in tasks:
        connection.send(CAN_DO, name)
    connection.send(GRAB_JOB)
    while True:
        kind, body = connection.receive()
        if kind == NO_JOB:
            connection.send(PRE_SLEEP)
        elif kind == NOOP:
            connection.send(GRAB_JOB)
        elif kind == JOB_ASSIGN:
            handle, task, data = body.split(b"\0", 2)
            try:
                connection.send(WORK_COMPLETE, handle, tasks[task.decode()](Job(connection, handle, data)))
            except Exception as error:  # whatever it is, the client is told
                connection.send(WORK_EXCEPTION, handle, encode_error(error))
            connection.send(GRAB_JOB)


def submit(task, data, unique=b"python"):
    """Submits a job; yields the kinds and the data of the packets about it, up to the last one."""
    connection = Connection()
    connection.send(OPTION_REQ, "exceptions")
    connection.send(SUBMIT_JOB, task, unique, data)
    while True:
        kind, body = connection.receive()
        if kind in (OPTION_RES, JOB_CREATED):
            continue
        _handle, _, rest = body.partition(b"\0")
        yield kind, rest
        if kind in (WORK_COMPLETE, WORK_FAIL, WORK_EXCEPTION, ERROR):
            return
