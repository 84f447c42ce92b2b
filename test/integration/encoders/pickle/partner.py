"""The Python side of the pickle tests: makes random values, and describes what it reads.

    partner.py write SEED COUNT   for each protocol COUNT records: its number, the pickle, its description
    partner.py read               reads records of the same form; writes a line for each: its description

A record is a byte, and two byte strings with their lengths before them (32 bits, big-endian). A description says
all that must be equal on both sides, and is made by the same rules in describe.ts.
"""
import collections
import datetime
import decimal
import fractions
import json
import math
import pickle
import random
import struct
import sys
import uuid
import zoneinfo

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
ZONES = ['Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC']
FACTORIES = [None, list, dict, int, str, set]
EXCEPTIONS = [ValueError, KeyError, RuntimeError, LookupError, TypeError, StopIteration, Exception,
              ZeroDivisionError, ImportError, UserWarning]


class Point:
    """An ordinary class: its attributes are its state."""

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Fraction(fractions.Fraction):
    """A class that is called with arguments."""

    def __reduce__(self):
        return (Fraction, (self.numerator, self.denominator))


class ShopError(Exception):
    pass


Point.__module__ = Fraction.__module__ = ShopError.__module__ = 'shop'
sys.modules['shop'] = sys.modules['__main__']


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.shared = []

    def value(self, depth):
        pick = self.random.random()
        if self.shared and pick < 0.06:
            return self.random.choice(self.shared)
        if depth <= 0 or pick < 0.45:
            return self.scalar()
        return self.container(depth - 1)

    def integer(self):
        bits = self.random.choice([1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 53, 54, 63, 64, 65, 200])
        return self.random.choice([-1, 1]) * self.random.getrandbits(bits) + self.random.choice([-1, 0, 1])

    def text(self):
        alphabet = self.random.choice([
            'abc xyz', 'a\\\n\r\0\x1a\'"\t', '\x7f\x80\xff', 'aé€ß', 'a\U0001f600\U0010ffff\ufffd', 'a\ud800\udfff'])
        size = self.random.choice([0, 1, 3, 10, 30, 60, 300])
        return ''.join(self.random.choice(alphabet) for _ in range(self.random.randint(0, size)))

    def octets(self):
        return self.random.randbytes(self.random.choice([0, 1, 5, 17, 255, 256, 1000]))

    def float(self):
        return self.random.choice([
            0.0, -0.0, 1.5, math.inf, -math.inf, 1e300, 5e-324, 2.0**53, 2.0**60, -1.0, 3.0,
            self.random.uniform(-1e6, 1e6), struct.unpack('>d', self.random.randbytes(8))[0]])

    def zone(self):
        pick = self.random.randrange(5)
        if pick == 0:
            return None
        if pick == 1:
            return datetime.timezone.utc
        if pick == 2:
            return zoneinfo.ZoneInfo(self.random.choice(ZONES))
        offset = datetime.timedelta(microseconds=self.random.randint(-86399999999, 86399999999))
        if pick == 3:
            offset = datetime.timedelta(minutes=self.random.randint(-1439, 1439))
        return datetime.timezone(offset, *self.random.choice([(), ('X',)]))

    def time_fields(self):
        return dict(hour=self.random.randrange(24), minute=self.random.randrange(60), second=self.random.randrange(60),
                    microsecond=self.random.choice([0, self.random.randrange(1000000)]), fold=self.random.randrange(2))

    def datetime(self):
        zone = self.zone()
        years = (1971, 2036) if isinstance(zone, zoneinfo.ZoneInfo) else (2, 9998)
        return datetime.datetime(self.random.randint(*years), self.random.randint(1, 12), self.random.randint(1, 28),
                                 tzinfo=zone, **self.time_fields())

    def date(self):
        return datetime.date.fromordinal(self.random.randint(1, datetime.date.max.toordinal()))

    def timedelta(self):
        return datetime.timedelta(self.random.randint(-999999999, 999999998), self.random.randint(-99999, 99999),
                                  self.random.randint(-10**9, 10**9))

    def decimal(self):
        return decimal.Decimal(self.random.choice(['0', '-0.0', '1.10', 'NaN', 'sNaN12', 'Infinity', '-Infinity', '1E+30',
                                                   '%d.%06d' % (self.integer(), self.random.randrange(10**6))]))

    def scalar(self):
        return self.random.choice([
            lambda: None, lambda: True, lambda: False, self.integer, self.integer, self.text, self.text, self.float,
            lambda: math.nan, self.octets, lambda: bytearray(self.octets()),
            lambda: complex(self.float(), self.float()), self.datetime, self.date,
            lambda: datetime.time(tzinfo=self.zone(), **self.time_fields()), self.timedelta, self.decimal,
            lambda: uuid.UUID(int=self.random.getrandbits(128)), lambda: Fraction(self.integer(), 7),
        ])()

    def hashable(self, depth):
        return self.random.choice([
            lambda: self.text(), lambda: self.text(), self.integer, self.octets, self.date,
            lambda: decimal.Decimal(self.integer()) / 8,
            lambda: None, lambda: self.random.random(), lambda: uuid.UUID(int=self.random.getrandbits(128)),
            lambda: tuple(self.hashable(depth - 1) for _ in range(self.size(depth))),
            lambda: frozenset(self.hashable(depth - 1) for _ in range(self.size(depth))),
        ])()

    def size(self, depth):
        return self.random.randint(0, self.random.choice([1, 3, 5])) if depth > 0 else 0

    def fill(self, target, put, depth):
        self.shared.append(target)
        for _ in range(self.size(1)):
            put(self.value(depth))
        return target

    def container(self, depth):
        def entries(target, key):
            return self.fill(target, lambda value: target.__setitem__(key(), value), depth)

        def any_key():
            return self.hashable(depth)

        def deque():
            target = collections.deque(maxlen=self.random.choice([None, 3]))
            return self.fill(target, target.append, depth)

        def point():
            target = Point(None, None)
            self.shared.append(target)
            target.x = self.value(depth)
            target.y = self.value(depth)
            return target

        def plain_list():
            target = []
            return self.fill(target, target.append, depth)

        def exception():
            error = self.random.choice(EXCEPTIONS)(*[self.scalar() for _ in range(self.size(1))])
            if self.random.random() < 0.3:
                error.code = self.scalar()
            return error

        return self.random.choice([
            plain_list, plain_list,
            lambda: tuple(self.value(depth) for _ in range(self.size(1))),
            lambda: entries({}, self.text), lambda: entries({}, self.text), lambda: entries({}, any_key),
            lambda: entries(collections.OrderedDict(), any_key),
            lambda: entries(collections.defaultdict(self.random.choice(FACTORIES)), any_key),
            lambda: collections.Counter({self.hashable(1): self.random.randrange(100) for _ in range(self.size(1))}),
            lambda: {self.hashable(depth) for _ in range(self.size(1))},
            lambda: frozenset(self.hashable(depth) for _ in range(self.size(1))),
            deque, point, exception, lambda: ShopError(*[self.scalar() for _ in range(self.size(1))]),
        ])()


class Describer:
    """One string for all that a value is; what is shared or holds itself is told by its number."""

    def __init__(self):
        self.seen = {}

    def __call__(self, value):
        kind = type(value)
        if value is None:
            return 'N'
        if kind is bool:
            return 'T' if value else 'F'
        if kind is int:
            return 'i%d' % value
        if kind is float:
            return self.float(value)
        if kind is str:
            return 's' + json.dumps(value)
        if kind is bytes:
            return 'b' + value.hex()
        if kind is tuple:
            return 'U(%s)' % self.all(value)
        if kind is frozenset:
            return 'FS{%s}' % self.sorted(value)
        if kind is complex:
            return 'c(%s,%s)' % (self.float(value.real), self.float(value.imag))
        if kind is decimal.Decimal:
            return 'm' + str(value)
        if kind is uuid.UUID:
            return 'u' + str(value)
        if kind is Fraction:
            return 'q(%d,%d)' % (value.numerator, value.denominator)
        if kind is datetime.timedelta:
            return 'td(%d,%d,%d)' % (value.days, value.seconds, value.microseconds)
        if kind is datetime.date:
            return 'da(%s)' % value.isoformat()
        if kind is datetime.time:
            return 'ti(%s,%d,%s)' % (self.clock(value), value.fold, self.zone(value.tzinfo))
        if kind is datetime.datetime:
            return self.datetime(value)
        if id(value) in self.seen:
            return 'ref%d' % self.seen[id(value)]
        self.seen[id(value)] = len(self.seen)
        return self.mutable(value, kind)

    def mutable(self, value, kind):
        if kind is list:
            return 'L[%s]' % self.all(value)
        if kind is bytearray:
            return 'B' + value.hex()
        if kind is dict:
            return 'D{%s}' % self.entries(value)
        if kind is set:
            return 'S{%s}' % self.sorted(value)
        if kind is collections.OrderedDict:
            return 'O{%s}' % ','.join('%s:%s' % (self(key), self(item)) for key, item in value.items())
        if kind is collections.defaultdict:
            factory = value.default_factory
            return 'DD<%s>{%s}' % (factory.__name__ if factory else '', self.entries(value))
        if kind is collections.Counter:
            return 'C{%s}' % self.entries(value)
        if kind is collections.deque:
            return 'Q<%s>[%s]' % ('' if value.maxlen is None else value.maxlen, self.all(value))
        if kind is Point:
            return 'P(%s,%s)' % (self(value.x), self(value.y))
        if isinstance(value, BaseException):
            attributes = {key: item for key, item in value.__dict__.items()}
            if value.__cause__ is not None:
                attributes['__cause__'] = value.__cause__
            return 'E<%s.%s>(%s){%s}' % (
                kind.__module__, kind.__name__, self.all(value.args), self.entries(attributes))
        raise TypeError(kind)

    def all(self, values):
        return ','.join([self(value) for value in values])

    def sorted(self, values):
        return ','.join(sorted(Describer()(value) for value in values))

    def entries(self, mapping):
        keyed = sorted(((Describer()(key), item) for key, item in mapping.items()), key=lambda entry: entry[0])
        return ','.join(['%s:%s' % (key, self(item)) for key, item in keyed])

    @staticmethod
    def float(value):
        if math.isnan(value):
            return 'fnan'
        if value.is_integer() and abs(value) < 2**53 and not (value == 0 and math.copysign(1, value) < 0):
            return 'i%d' % value
        return 'f' + struct.pack('>d', value).hex()

    @staticmethod
    def clock(value):
        return '%d:%d:%d.%06d' % (value.hour, value.minute, value.second, value.microsecond)

    @staticmethod
    def zone(zone):
        if zone is None:
            return '-'
        if isinstance(zone, zoneinfo.ZoneInfo):
            return 'zi' + zone.key
        offset, *name = zone.__getinitargs__()
        return 'tz%d/%s' % (offset // MICROSECOND, name[0] if name else '')

    def datetime(self, value):
        instant = value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo is None else value
        # Not by subtraction: that ignores the offset of two equal zones, and years may leave the range in UTC.
        naive = value.replace(tzinfo=None, fold=0) - EPOCH.replace(tzinfo=None)
        micros = naive // MICROSECOND - instant.utcoffset() // MICROSECOND
        return 'dt(%d-%d-%d %s,%d,%s,%d)' % (
            value.year, value.month, value.day, self.clock(value), value.fold, self.zone(value.tzinfo), micros)


def write(seed, count):
    out = sys.stdout.buffer
    for protocol in range(6):
        for index in range(count):
            generator = Generator('%s %d %d' % (seed, protocol, index))
            value = generator.value(4)
            body = pickle.dumps(value, protocol)
            # Not everything is in a pickle: protocols below 4 leave out `fold`.
            description = Describer()(pickle.loads(body)).encode('ascii')
            out.write(struct.pack('>BI', protocol, len(body)) + body)
            out.write(struct.pack('>I', len(description)) + description)


def read():
    source = sys.stdin.buffer
    while head := source.read(5):
        _protocol, size = struct.unpack('>BI', head)
        body = source.read(size)
        try:
            line = Describer()(pickle.loads(body))
        except Exception as error:
            line = 'error: %r' % error
        sys.stdout.write(line + '\n')


if __name__ == '__main__':
    if sys.argv[1] == 'write':
        write(sys.argv[2], int(sys.argv[3]))
    else:
        read()
