import { expect, it } from 'vitest'
import { findServicePort } from '../../../../src/cli/options/service-port.ts'

const LIST = `# Network services
gearman\t\t4730/tcp
domain 53/udp
domain 53/tcp nameserver # a comment with words
only-udp 99/udp
gearman-old 7003/tcp gearmand #gearman-comment
`

it.each([
  ['gearman', 4730],
  ['domain', 53],
  ['nameserver', 53],
  ['gearmand', 7003],
  ['only-udp', undefined],
  ['gearman-comment', undefined],
  ['4730/tcp', undefined],
  ['', undefined],
  ['#', undefined],
])('the service %j is port %s', (name, port) => {
  expect(findServicePort(name, LIST)).toBe(port)
})

it('the system is asked for its own list', () => {
  expect(findServicePort('no such service')).toBeUndefined()
})
