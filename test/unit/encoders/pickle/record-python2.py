# -*- coding: utf-8 -*-
"""Pickles as Python 2 writes them: python2.7 record-python2.py > python2-pickles.json

Each value by both of its modules, `pickle` and `cPickle`, in protocols 0 to 2. They differ in their memos.
"""
import cPickle
import collections
import datetime
import decimal
import json
import pickle
import sys
import uuid


class Old:
    """A class as they were before Python 2.2."""

    def __init__(self):
        self.x = 1
        self.y = u'two'


class New(object):
    def __init__(self):
        self.x = 1
        self.y = u'two'


class ShopError(Exception):
    pass


for known in (Old, New, ShopError):
    known.__module__ = 'shop'
sys.modules['shop'] = sys.modules['__main__']

shared = [1]
itself = {}
itself['self'] = itself
mixed = {}
mixed[1] = mixed
failed = ValueError('bad', 7)
failed.code = 'E1'

VALUES = [
    ('None', None),
    ('bools', [True, False]),
    ('ints', [0, -1, 255, 256, 65535, 65536, 2**31 - 1, -2**31, 2**31, 2**53, 2**63 - 1]),
    ('longs', [0L, 5L, -5L, 2**31 + 0L, 2L**64, -2L**64, 2L**2048]),
    ('floats', [1.5, -0.0, 1e300, float('inf'), float('nan')]),
    ('str', ['', 'text', "it's \"quoted\"\\ and\nbroken", 'caf\xc3\xa9']),
    ('bytes', ['\xff\x00\xfe', '\x80' * 300]),
    ('unicode', [u'', u'text', u'caf\xe9 \u20ac \U0001f600\\ and\nbroken']),
    ('tuples', [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]),
    ('dicts', [{}, {'a': 1, u'b': [2]}, {1: 'x', 'y': 2}]),
    ('shared', [shared, shared]),
    ('itself', itself),
    ('itself in a dict of numbers', mixed),
    ('sets', [set([1]), frozenset(['a'])]),
    ('complex', 1 + 2j),
    ('bytearray', bytearray('\x00\xff')),
    ('datetime', datetime.datetime(2015, 11, 27, 20, 59, 1, 4096)),
    ('datetime of UTF-8', datetime.datetime(1, 1, 1, 1, 1, 1, 65793)),
    ('date', datetime.date(2015, 11, 27)),
    ('time', datetime.time(20, 59, 1, 4096)),
    ('timedelta', datetime.timedelta(-1, 2, 3)),
    ('Decimal', decimal.Decimal('1.10')),
    ('UUID', uuid.UUID(int=2**127 + 5)),
    ('OrderedDict', collections.OrderedDict([('b', 1), ('a', 2)])),
    ('defaultdict', collections.defaultdict(list, {'a': [1]})),
    ('Counter', collections.Counter({'a': 2})),
    ('deque', collections.deque([1, 2], 5)),
    ('an old class', Old()),
    ('a new class', New()),
    ('an exception', failed),
    ('an exception of ours', ShopError('no')),
    ('a SystemExit', SystemExit(2)),
]

records = []
for name, value in VALUES:
    forms = []
    for module in (pickle, cPickle):
        for protocol in (0, 1, 2):
            form = module.dumps(value, protocol).encode('base64').replace('\n', '')
            if form not in forms:
                forms.append(form)
    records.append({'name': name, 'pickles': forms})
print(json.dumps(records, indent=2, separators=(',', ': ')))
