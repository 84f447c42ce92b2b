"""The structure that the encoders are measured with, and CPython's own figures for it.

First a line for each of its forms: a name and the form in base64. Then, for each line `NAME` that comes in, the
fastest of some runs of that, in milliseconds.
"""
import base64
import json
import pickle
import random
import sys
import time

RUNS = 7
source = random.Random(5)


def word():
    return ''.join(source.choice('abcdefghijklmnop') for _ in range(source.randint(3, 12)))


def record(number):
    return {
        'id': number, 'name': word() + ' ' + word(), 'email': word() + '@example.com', 'parent': None,
        'active': source.random() < 0.5, 'score': source.random() * 100, 'tags': [word() for _ in range(5)],
        'address': {'street': word(), 'city': word(), 'geo': [source.uniform(-90, 90), source.uniform(-180, 180)]},
        'history': [{'at': source.randint(10**9, 2 * 10**9), 'what': word(), 'n': source.randint(0, 1000)}
                    for _ in range(4)],
    }


value = json.loads(json.dumps([record(number) for number in range(2000)]))
text = json.dumps(value)
pickles = {protocol: pickle.dumps(value, protocol) for protocol in (2, 4)}
tasks = {'json write': lambda: json.dumps(value).encode(), 'json read': lambda: json.loads(text)}
for protocol, body in pickles.items():
    tasks['write %d' % protocol] = lambda protocol=protocol: pickle.dumps(value, protocol)
    tasks['read %d' % protocol] = lambda body=body: pickle.loads(body)


def fastest(task):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


for name, form in [('json', text.encode()), *(('pickle %d' % protocol, body) for protocol, body in pickles.items())]:
    print(name, base64.b64encode(form).decode(), sep='\t', flush=True)
print(flush=True)
for line in sys.stdin:
    print(fastest(tasks[line.strip()]), flush=True)
