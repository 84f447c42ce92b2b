/** Exceptions on their way between JavaScript and the python3 of this machine. */
import { PickleDataEncoder, PythonError } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { describeWhen } from '../../../helpers/test-when.ts'
import { hasPython, runPython } from './partner.ts'

const PROTOCOLS = [0, 1, 2, 3, 4, 5]

/** Raises what it is given, and tells what it caught. */
const RAISE = `
import json, pickle, sys
try:
    raise pickle.load(sys.stdin.buffer)
except Exception as error:
    print(json.dumps([type(error).__name__, str(error), error.__dict__, repr(error.__cause__)]))
`

/** Every built-in exception that can be made without arguments, pickled; then some with what they have of their own. */
const DUMP = `
import base64, builtins, json, pickle, sys
errors = []
for kind in vars(builtins).values():
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            errors.append(kind())
        except TypeError:
            pass
errors += [
    FileNotFoundError(2, 'No such file', '/x'),
    UnicodeDecodeError('utf-8', b'\\xff', 0, 1, 'invalid start byte'),
    ImportError('no module', name='m', path='p'),
    SyntaxError('bad', ('f.py', 1, 2, 'text')),
    SystemExit(3),
]
print(json.dumps([
    [type(error).__name__, base64.b64encode(pickle.dumps(error, protocol)).decode()]
    for error in errors for protocol in range(6)
]))
`

describeWhen(hasPython, 'there is no python3', 'exceptions and python3', () => {
  test.each(PROTOCOLS)('what a callback throws is raised in Python, protocol %i', (protocol) => {
    const encoder = new PickleDataEncoder({ protocol })
    const raised = (thrown: unknown): unknown =>
      JSON.parse(runPython(RAISE, encoder.encodeError(thrown)).toString())
    const far = new RangeError('too far', { cause: new TypeError('no number') })
    expect(raised(Object.assign(far, { code: 'ERR_FAR' }))).toEqual([
      'ValueError',
      'too far',
      { js_name: 'RangeError', code: 'ERR_FAR' },
      "TypeError('no number')",
    ])
    expect(raised(new TypeError('x'))).toEqual(['TypeError', 'x', {}, 'None'])
    expect(raised('text')).toEqual(['Exception', 'text', { js_name: 'Error' }, 'None'])
    expect(raised(new PythonError('KeyError', { args: ['k'] }))).toEqual([
      'KeyError',
      "'k'",
      {},
      'None',
    ])
  })

  test('every built-in exception of Python is an error here', () => {
    const encoder = new PickleDataEncoder()
    const pickled = JSON.parse(runPython(DUMP).toString()) as [name: string, form: string][]
    expect(pickled.length).toBeGreaterThan(60 * PROTOCOLS.length)
    for (const [name, form] of pickled) {
      const error = encoder.decodeError(Buffer.from(form, 'base64'))
      expect(error).toBeInstanceOf(PythonError)
      // Protocols below 3 use Python 2's name for what was split up since.
      const older = ['OSError', 'ImportError', 'RuntimeError', 'Exception', 'Warning']
      const { className, module } = error as PythonError
      expect([name, ...older]).toContain(className)
      expect(module).toBe('builtins')
    }
    const last = pickled.filter(([name]) => name === 'FileNotFoundError').at(-1)
    expect(encoder.decodeError(Buffer.from(last?.[1] ?? '', 'base64'))).toMatchObject({
      name: 'FileNotFoundError',
      message: '[Errno 2] No such file: "/x"',
      args: [2, 'No such file', '/x'],
    })
  })
})
