import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../../src/cli/config/parse-config.ts'

function given(text: string): Record<string, string> {
  const options = [...parseConfig(text).given.byName().values()].flat()
  return Object.fromEntries(options.map(({ option, text }) => [option.name, text]))
}

/** Debian's `/etc/default/gearman-job-server`, shortened. */
const DEBIAN = `# This is a configuration file for /etc/init.d/gearman-job-server
#
# PARAMS="-q libdrizzle --libdrizzle-host=10.0.0.1 \\
#                       --libdrizzle-mysql"

# Parameters to pass to gearmand.
PARAMS="--listen=localhost \\
 --daemon \\
 --log-file=/var/log/gearman-job-server/gearmand.log"
`

describe('a config file', () => {
  it.each([
    ['nothing', '', {}],
    [
      "gearmand's form",
      '--port=4731\n--daemon --backlog 5',
      { port: '4731', daemon: 'on', backlog: '5' },
    ],
    ['a value on the next line', '--port\n4731', { port: '4731' }],
    [
      'lines name=value',
      'port=4731\nlog-file = "/var/log/my file.log"\n',
      { port: '4731', 'log-file': '/var/log/my file.log' },
    ],
    [
      'switches',
      'daemon=yes\nround-robin=Off\nsyslog=1',
      { daemon: 'on', 'round-robin': 'off', syslog: 'on' },
    ],
    [
      "Debian's file",
      DEBIAN,
      { listen: 'localhost', daemon: 'on', 'log-file': '/var/log/gearman-job-server/gearmand.log' },
    ],
    [
      "Red Hat's file",
      '### Settings\nOPTIONS="-L 127.0.0.1 -p 4731 -t 100 -R"\n',
      { listen: '127.0.0.1', port: '4731', threads: '100', 'round-robin': 'on' },
    ],
    [
      "Gentoo's file",
      'PERSISTENT=""\nPERSISTENT_HOST="db"\nGEARMAND_PARAMS="-j 3"\n',
      { 'job-retries': '3' },
    ],
    ['a store that is none', 'PERSISTENT=none\nPERSISTENT_FILE=/x', {}],
    ['a comment with an option', '# --port=1\n#--port=2\n-R', { 'round-robin': 'on' }],
  ])('may hold %s', (_what, text, expected) => {
    expect(given(text)).toEqual(expected)
    expect(parseConfig(text).unknown).toEqual([])
  })

  it('tells keys and words that it does not know', () => {
    const text = 'colour=blue\n-R stray\nPARAMS="-d $MORE"\nlistn=1\n'
    expect(parseConfig(text).unknown).toEqual(['colour', '$MORE', 'listn', 'stray'])
    expect(given(text)).toEqual({ daemon: 'on', 'round-robin': 'on' })
  })

  it.each([
    ['--nope', 'unknown option "--nope"'],
    [
      'port=99999',
      'port must be a port from 0 to 65535 or a TCP service of /etc/services, not "99999"',
    ],
    ['port=', 'port must be a port from 0 to 65535'],
    ['daemon=maybe', 'daemon must be one of on, yes, true, 1, off, no, false, 0, not "maybe"'],
    ['daemon=', 'daemon must be one of'],
    ['port=1\n--port=2', '--port cannot be given more than once'],
    ['PARAMS="--port"', '--port needs a value'],
    ['--help', '--help is allowed on the command line only'],
    ['config-file=/other', '--config-file is allowed on the command line only'],
    ['check-args=yes', '--check-args is allowed on the command line only'],
    ['PERSISTENT=cloud', /--queue-type must be builtin, libsqlite3.*, not "cloud"/],
  ])('%j is refused', (text, message) => {
    expect(() => parseConfig(text)).toThrow(message)
  })
})
