import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
import type { PickleLimits } from '../../../../src/encoders/pickle/pickle-options.ts'
import { unpicklingError } from './errors-of.ts'

function load(pickle: string | Buffer, limits?: PickleLimits): unknown {
  const bytes = typeof pickle === 'string' ? Buffer.from(pickle, 'latin1') : pickle
  return new PickleDataEncoder({ limits }).decode(bytes)
}

describe('a malicious pickle', () => {
  it.each<[global: string, pickle: string]>([
    ['os.system', 'cos\nsystem\n(S"rm -rf /"\ntR.'],
    ['posix.system', '\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.'],
    ['builtins.eval', '\x80\x02cbuiltins\neval\nX\x03\x00\x00\x001+1\x85R.'],
    ['__builtin__.eval', 'c__builtin__\neval\n(V1+1\ntR.'],
    ['builtins.exec', '\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x00\x85R.'],
    ['builtins.__import__', '\x80\x04\x8c\x08builtins\x8c\x0a__import__\x93\x8c\x02os\x85R.'],
    ['subprocess.Popen', '(csubprocess\nPopen\n(Vid\nlo.'],
    ['subprocess.check_output', '(Vid\nisubprocess\ncheck_output\n.'],
    ['types.CodeType', 'ctypes\nCodeType\n.'],
    ['functools.partial', '\x80\x02cfunctools\npartial\n.'],
    ['importlib.import_module', 'cimportlib\nimport_module\n(Vos\ntR.'],
    ['numpy.core.multiarray._reconstruct', 'cnumpy.core.multiarray\n_reconstruct\n.'],
    ['builtins.getattr.x', '\x80\x04\x8c\x08builtins\x8c\x09getattr.x\x93.'],
  ])('that wants %s is refused, by its name', (global, pickle) => {
    const error = unpicklingError(() => load(pickle))
    expect(error.global).toBe(global)
    expect(error.message).toContain(`${global} is not registered`)
  })

  it('is refused where the names are put together on the way', () => {
    // getattr(builtins.list, '__class__') and what else can be reached from what is known
    const type = unpicklingError(() =>
      load('cbuiltins\ngetattr\n(cbuiltins\nlist\nV__class__\ntR.'),
    )
    expect(type.message).toContain('attributes of classes are not read')
    const nested = unpicklingError(() =>
      load('cbuiltins\ngetattr\n(cbuiltins\ngetattr\n(cos\npopen\nVx\ntRVread\ntR.'),
    )
    expect(nested.global).toBe('os.popen')
  })

  it.each<[what: string, pickle: string, says: string]>([
    ['a string', 'Vos.system\n(Vid\ntR.', 'is no class'],
    ['an instance', 'c__builtin__\ncomplex\n(tR(tR.', 'is no class'],
    ['a type that is but a name', 'cbuiltins\nlist\n(tR.', 'builtins.list is not to be called'],
    [
      'a type that is but a name, by copyreg',
      'ccopyreg\n_reconstructor\n(cbuiltins\nint\ncbuiltins\nobject\nNtR.',
      'not to be called',
    ],
    ['an encoding', 'c_codecs\nencode\n(Vabc\nVrot13\ntR.', 'only latin1'],
  ])('cannot call %s', (_what, pickle, says) => {
    expect(unpicklingError(() => load(pickle)).message).toContain(says)
  })

  it('never gives a state to what takes none', () => {
    for (const target of [
      ']',
      '}',
      '\x8f',
      'cbuiltins\nlist\n',
      'C\x01a',
      'c__builtin__\ncomplex\n(tR',
    ]) {
      const error = unpicklingError(() => load(`${target}}V__proto__\n}Vx\nNssb.`))
      expect(error.message).toContain('takes none')
    }
  })

  it('shows at most a line of a name that is long, or has line ends', () => {
    const error = unpicklingError(() => load(`\x80\x04\x8c\x02a\n\x8c\xf0${'x'.repeat(240)}\x93.`))
    expect(error.message).not.toContain('\n')
    expect(error.message.length).toBeLessThan(400)
  })

  it('is not run by an opcode of extensions', () => {
    for (const pickle of ['\x82\x01.', '\x83\x01\x01.', '\x84\x01\x00\x00\x00.']) {
      expect(unpicklingError(() => load(pickle)).message).toContain('is not registered')
    }
  })
})

describe('a pickle bomb', () => {
  it('is refused by its size', () => {
    expect(unpicklingError(() => load('(NNl.', { maxBytes: 4 })).message).toContain('5 bytes')
    expect(load('(NNl.', { maxBytes: 5 })).toEqual([null, null])
  })

  it('is refused by how deep it is, whichever way it is built', () => {
    const ways = [
      `${']'.repeat(50)}${'a'.repeat(49)}.`, // lists, opened first
      `N${'\x85'.repeat(50)}.`, // tuples, closed one by one
      `${'('.repeat(50)}${'l'.repeat(50)}.`,
      `${'}K\x01'.repeat(49)}}${'s'.repeat(49)}.`,
      `${'('.repeat(50)}N${'\x91'.repeat(50)}.`,
      // each list holds the one before it, which is fetched from the memo
      `]q\x00${Array.from({ length: 49 }, (_, at) => `]q${String.fromCharCode(at + 1)}h${String.fromCharCode(at)}a`).join('')}.`,
      // each exception holds the one before it
      `N${'q\x000cbuiltins\nValueError\nh\x00\x85R'.repeat(50)}.`,
    ]
    for (const pickle of ways) {
      expect(unpicklingError(() => load(pickle, { maxDepth: 49 })).message).toContain(
        'deeper than 49',
      )
      expect(load(pickle, { maxDepth: 52 })).toBeDefined()
    }
  })

  it('is refused by its elements: ten times ten lists of one list', () => {
    const doubled = `]q\x00${'(h\x00h\x00lq\x00'.repeat(100_000)}.`
    const limits = { maxElements: 1000 }
    expect(unpicklingError(() => load(doubled, limits)).message).toContain(
      'more than 1000 elements',
    )
    expect(unpicklingError(() => load(doubled)).message).toContain('deeper than 1000')
  })

  it('is refused by copies of one thing that is large', () => {
    const copies = `B\x00\x00\x10\x00${'x'.repeat(0x10_0000)}q\x00${'c__builtin__\nbytearray\nh\x00\x85R0'.repeat(5000)}N.`
    expect(unpicklingError(() => load(copies)).message).toContain('elements')
    const sets = `(${'N'.repeat(100_000)}lq\x00${'c__builtin__\nset\nh\x00\x85R0'.repeat(5000)}N.`
    expect(unpicklingError(() => load(sets)).message).toContain('elements')
  })

  it('is refused by its memo', () => {
    const far = Buffer.from('Nr\xff\xff\xff\xff.', 'latin1')
    expect(unpicklingError(() => load(far)).message).toContain('its memo has more than 10000000')
    expect(unpicklingError(() => load('Np5\n.', { maxMemo: 5 })).message).toContain('more than 5')
    expect(load('Nq\x04.', { maxMemo: 5 })).toBeNull()
  })

  it('takes no memory for a far place in the memo', () => {
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 20; count += 1) load('Nr\x00\x96\x98\x00.', { maxMemo: 20_000_000 })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000)
  })

  it('is refused by integers that take long', () => {
    const digits = Buffer.from(`L${'9'.repeat(200_000)}L\n.`)
    expect(unpicklingError(() => load(digits)).message).toContain('digits')
    const bytes = Buffer.alloc((1 << 20) + 7, 0x7f)
    bytes.write('\x8b', 0, 'latin1')
    bytes.writeUInt32LE((1 << 20) + 1, 1)
    expect(unpicklingError(() => load(bytes)).message).toContain('integer')
  })

  it('is a list of 300,000 lists, and that is no trouble without a limit', () => {
    const deep = Buffer.concat([
      Buffer.alloc(300_000, ']'),
      Buffer.alloc(299_999, 'a'),
      Buffer.from('.'),
    ])
    let value = load(deep, { maxDepth: Number.POSITIVE_INFINITY })
    let depth = 0
    for (; Array.isArray(value); value = value[0]) depth += 1
    expect(depth).toBe(300_000)
  })
})
