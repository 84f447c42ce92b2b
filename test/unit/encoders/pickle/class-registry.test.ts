import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
import { PyTuple } from '../../../../src/encoders/pickle/python-containers.ts'
import { InvalidArgumentError } from '../../../../src/errors.ts'
import { picklingError, unpicklingError } from './errors-of.ts'

class Point {
  x: unknown
  y: unknown

  static at(x: unknown, y: unknown): Point {
    return Object.assign(new Point(), { x, y })
  }
}

/** A class whose instances have a state, and one that is called with arguments. */
function shop(protocol = 2): PickleDataEncoder {
  return new PickleDataEncoder({ protocol })
    .registerClass({
      module: 'shop',
      name: 'Point',
      type: Point,
      decode: () => new Point(),
      encode: ({ x, y }) => ({ state: { x, y } }),
    })
    .registerClass({
      module: 'shop',
      name: 'Link',
      type: URL,
      decode: ([href]) => new URL(String(href)),
      encode: ({ href }) => ({ args: [href] }),
    })
}

function load(text: string, encoder = shop()): unknown {
  return encoder.decode(Buffer.from(text, 'latin1'))
}

describe('a registered class', () => {
  it.each([0, 1, 2, 3, 4, 5])('goes and comes in protocol %i', (protocol) => {
    const encoder = shop(protocol)
    const back = encoder.decode(
      Buffer.from(encoder.encode([Point.at(1, 2), new URL('http://a/b')])),
    )
    expect(back).toStrictEqual([Point.at(1, 2), new URL('http://a/b')])
  })

  it('is written as Python writes it', () => {
    const text = (value: unknown, protocol: number): string =>
      Buffer.from(shop(protocol).encode(value)).toString('latin1')
    expect(text(Point.at(1, 2), 2)).toBe(
      '\x80\x02cshop\nPoint\nq\x00)\x81q\x01}q\x02(X\x01\x00\x00\x00xq\x03K\x01X\x01\x00\x00\x00yq\x04K\x02ub.',
    )
    expect(text(Point.at(1, 2), 0)).toContain('ccopy_reg\n_reconstructor\n')
    expect(text(new URL('a:'), 2)).toBe('\x80\x02cshop\nLink\nq\x00X\x02\x00\x00\x00a:\x85Rq\x01.')
  })

  it.each([
    ['NEWOBJ and BUILD', 'cshop\nPoint\n)\x81}(Vx\nI1\nVy\nI2\nub.'],
    ['an old class by INST', '(ishop\nPoint\n(Vx\nI1\nVy\nI2\ndb.'],
    ['an old class by OBJ', '(cshop\nPoint\no(Vx\nI1\nVy\nI2\ndb.'],
    [
      'copyreg',
      'ccopy_reg\n_reconstructor\n(cshop\nPoint\nc__builtin__\nobject\nNtR(Vx\nI1\nVy\nI2\ndb.',
    ],
    ['slots', 'cshop\nPoint\n)\x81N(Vx\nI1\nVy\nI2\nd\x86b.'],
    ['a dict and slots', 'cshop\nPoint\n)\x81(Vx\nI1\nd(Vy\nI2\nd\x86b.'],
  ])('is read from %s', (_what, pickle) => {
    expect(load(pickle)).toStrictEqual(Point.at(1, 2))
  })

  it('may hold itself', () => {
    const point = Point.at(1, undefined)
    point.y = [point]
    const encoder = shop()
    const back = encoder.decode(Buffer.from(encoder.encode(point))) as { x: unknown; y: unknown[] }
    expect(back.y[0]).toBe(back)
  })

  it('gets named arguments from NEWOBJ_EX', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      decode: (args, kwargs) => ({ args: [...args], kwargs }),
    })
    expect(load('cm\nC\n(I1\nt(Va\nI2\nd\x92.', encoder)).toEqual({ args: [1], kwargs: { a: 2 } })
  })

  it('gives the value of what it is derived from to decode', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'Names',
      decode: ([names]) => new Set(names as string[]),
    })
    const pickle = 'ccopy_reg\n_reconstructor\n(cm\nNames\nc__builtin__\nlist\n(lVa\natR.'
    expect(load(pickle, encoder)).toEqual(new Set(['a']))
  })

  it('takes its state as it likes', () => {
    const states: unknown[] = []
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      decode: () => ({}),
      setState: (_instance, state) => states.push(state),
    })
    load('cm\nC\n)\x81I5\nb.', encoder)
    expect(states).toEqual([5])
  })

  it('has no prototype changed by its attributes', () => {
    const point = load('cshop\nPoint\n)\x81}V__proto__\n}Vpolluted\nI1\nssb.') as Point
    expect(Object.getPrototypeOf(point)).toBe(Point.prototype)
    expect(Object.keys(point)).toContain('__proto__')
  })

  it('fails its pickle with what it throws as the cause', () => {
    const error = unpicklingError(() => load('cshop\nLink\n(Vno url\ntR.'))
    expect(error.message).toContain('shop.Link: Invalid URL')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.opcode).toBe('REDUCE')
    const state = unpicklingError(() => load('cshop\nPoint\n)\x81I5\nb.'))
    expect(state.message).toContain('its attributes are no dict')
    const names = unpicklingError(() => load('cshop\nPoint\n)\x81(I5\nNdb.'))
    expect(names.message).toContain('no string')
  })

  it('may be made of nothing but its type, whatever decode gives', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'Color',
      decode: ([value]) => `color ${String(value)}`,
    })
    expect(load('(cm\nColor\nq\x00(I1\ntRh\x00(I2\ntRl.', encoder)).toEqual(['color 1', 'color 2'])
    expect(unpicklingError(() => load('cm\nColor\n(I1\ntRNb.', encoder)).message).toContain('none')
  })

  it('is also written for its subclasses, and the nearest one counts', () => {
    class Point3 extends Point {
      z = 3
    }
    const encoder = shop()
    expect(encoder.decode(Buffer.from(encoder.encode(new Point3())))).toBeInstanceOf(Point)
    encoder.registerClass({
      module: 'shop',
      name: 'Point3',
      type: Point3,
      encode: ({ z }) => ({ args: [z] }),
    })
    const error = unpicklingError(() => encoder.decode(Buffer.from(encoder.encode(new Point3()))))
    expect(error.global).toBe('shop.Point3') // It was registered for writing only.
  })

  it('may replace what is known, of Python and of JavaScript', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'decimal',
      name: 'Decimal',
      type: Map,
      decode: ([digits]) => Number(digits),
      encode: (map) => ({ args: [String(map.size)] }),
    })
    expect(encoder.decode(Buffer.from(encoder.encode([new Map([[1, 2]])])))).toEqual([1])
  })

  it('may be asked for its parts by this very encoder', () => {
    const encoder: PickleDataEncoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'Nested',
      type: Point,
      decode: ([bytes]) => encoder.decode(bytes as Buffer),
      encode: ({ x }) => ({ args: [Buffer.from(encoder.encode(x))] }),
    })
    expect(encoder.decode(Buffer.from(encoder.encode(['a', Point.at('b', 0), 'c'])))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('is found by its extension code', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      extensionCode: 240,
      decode: (args) => [...args],
    })
    expect(load('\x82\xf0(I1\ntR.', encoder)).toEqual([1])
    expect(load('\x83\xf0\x00)R.', encoder)).toEqual([])
    expect(load('\x84\xf0\x00\x00\x00)R.', encoder)).toEqual([])
  })

  it('cannot begin when its arguments hold it', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      type: Point,
      encode: (point) => ({ args: [PyTuple.of(point)] }),
    })
    expect(picklingError(() => encoder.encode(new Point())).message).toContain('holds itself')
  })

  it('fails the pickle that it cannot be written to', () => {
    const encoder = new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      type: Point,
      encode: ({ x }) => {
        if (x === 1) throw new RangeError('not 1')
        return { args: 'text' as never }
      },
    })
    const error = picklingError(() => encoder.encode([Point.at(1, 0)]))
    expect(error).toMatchObject({ path: '$[0]', cause: new RangeError('not 1') })
    expect(picklingError(() => encoder.encode(Point.at(2, 0))).message).toContain('as an array')
  })

  it('inside another needs protocol 4 to be written', () => {
    const nested = { module: 'm', name: 'A.B', type: Point, encode: () => ({}) }
    const old = new PickleDataEncoder().registerClass(nested)
    expect(picklingError(() => old.encode(new Point())).message).toContain('protocol 4')
    const recent = new PickleDataEncoder({ protocol: 4 }).registerClass(nested)
    expect(recent.encode(new Point()).length).toBeGreaterThan(0)
  })

  it.each<[what: string, pickleClass: object]>([
    ['neither to be read nor written', { module: 'm', name: 'C' }],
    ['without a module', { name: 'C', decode: () => 1 }],
    ['with a name of two lines', { module: 'm', name: 'C\nD', decode: () => 1 }],
    ['to be written, without a type', { module: 'm', name: 'C', encode: () => ({}) }],
    ['with a decode that is no function', { module: 'm', name: 'C', decode: 1 }],
    ['with a code that is none', { module: 'm', name: 'C', decode: () => 1, extensionCode: 0 }],
  ])('is refused %s', (_what, pickleClass) => {
    expect(() => new PickleDataEncoder().registerClass(pickleClass as never)).toThrow(
      InvalidArgumentError,
    )
  })
})
