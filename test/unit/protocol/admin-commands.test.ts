import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../../src/errors.ts'
import {
  ADMIN_COMMANDS,
  type AdminCommandName,
  adminCommandText,
  checkWord,
  encodeAdminCommand,
} from '../../../src/protocol/admin-commands.ts'

const encode = (...args: Parameters<typeof encodeAdminCommand>): string =>
  encodeAdminCommand(...args).toString()

describe('encodeAdminCommand', () => {
  it('makes one line of each command, ended as gearadmin ends it', () => {
    const lines = Object.entries(ADMIN_COMMANDS).map(([name, { required }]) =>
      encode(name as AdminCommandName, required),
    )
    expect(lines).toEqual([
      'version\r\n',
      'getpid\r\n',
      'verbose\r\n',
      'status\r\n',
      'prioritystatus\r\n',
      'workers\r\n',
      'show jobs\r\n',
      'show unique jobs\r\n',
      'cancel job handle\r\n',
      'create function task\r\n',
      'drop function task\r\n',
      'maxqueue task\r\n',
      'list functions\r\n',
      'list jobs task\r\n',
      'pause function task\r\n',
      'resume function task\r\n',
      'purge function task\r\n',
      'kick function task\r\n',
      'kick job handle\r\n',
      'list failed\r\n',
      'requeue failed which\r\n',
      'purge failed which\r\n',
      'shutdown\r\n',
    ])
  })

  it('appends the arguments that may follow', () => {
    expect(encode('maxqueue', ['resize', 10])).toBe('maxqueue resize 10\r\n')
    expect(encode('maxqueue', ['resize', 3, 2, 0])).toBe('maxqueue resize 3 2 0\r\n')
    expect(encode('shutdown', ['graceful'])).toBe('shutdown graceful\r\n')
  })

  it('sends names beyond ASCII as UTF-8, their own white space included', () => {
    expect(encodeAdminCommand('createFunction', ['naïve\u00a0名'])).toEqual(
      Buffer.from('create function naïve\u00a0名\r\n', 'utf8'),
    )
  })

  it.each(['', ' ', 'a b', 'a\tb', 'a\n', 'a\r', '\0', 'a\0b', '\v', '\f'])(
    'refuses %j, which is not one word',
    (word) => {
      expect(() => encodeAdminCommand('dropFunction', [word])).toThrow(InvalidArgumentError)
      expect(() => checkWord('task', word)).toThrow(/^task must be one word/)
    },
  )

  it('refuses a wrong number of arguments', () => {
    expect(() => encodeAdminCommand('cancelJob')).toThrow(/"cancel job" must be 1 to 1, not 0/)
    expect(() => encodeAdminCommand('status', ['all'])).toThrow(InvalidArgumentError)
    expect(() => encodeAdminCommand('maxqueue', ['a', 1, 2, 3, 4])).toThrow(InvalidArgumentError)
  })
})

describe('adminCommandText', () => {
  it('is the command as it is typed', () => {
    expect(adminCommandText('showUniqueJobs')).toBe('show unique jobs')
  })
})
