import { expect, it } from 'vitest'
import { splitLines } from '../../../../src/cli/config/split-lines.ts'

it.each([
  ['', []],
  ['\n\n  \n', []],
  ['--port=1\n--daemon -R', [['--port=1'], ['--daemon', '-R']]],
  ['--port\t4731\r\n-R\r\n', [['--port', '4731'], ['-R']]],
  ['# nothing "here\n-R # nor here\n', [['-R']]],
  ['--job-handle-prefix=H#1', [['--job-handle-prefix=H#1']]],
  ['PARAMS="--listen=localhost \\\n --daemon"', [['PARAMS=--listen=localhost  --daemon']]],
  ["a='b c' d", [['a=b c', 'd']]],
  ["a='b\nc'", [['a=b\nc']]],
  ['a="say \\"x\\" \\n \\\\"', [['a=say "x" \\n \\']]],
  ['a=C:\\logs\\g.log', [['a=C:\\logs\\g.log']]],
  ['a=two\\ words', [['a=two words']]],
  ['-R \\\n-d', [['-R', '-d']]],
  ['a=""', [['a=']]],
  ['a=x\\', [['a=x\\']]],
])('%j is split as a shell does', (text, lines) => {
  expect(splitLines(text)).toEqual(lines)
})

it('a quote without its end is named with its line', () => {
  expect(() => splitLines('-R\na="b\nc')).toThrow('line 2: a " without its end')
  expect(() => splitLines("# don't mind\nno, don't")).toThrow("line 2: a ' without its end")
})
