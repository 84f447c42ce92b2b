import { describe, expect, test } from 'vitest'
import { resolveAdminFrom } from '../../../src/server/admin-access.ts'

describe('who may give the commands that stop a server', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('%s always may', (address) => {
    expect(resolveAdminFrom([]).allows(address)).toBe(true)
    expect(resolveAdminFrom('10.0.0.1').allows(address)).toBe(true)
  })

  test.each(['10.0.0.1', '128.0.0.1', '::2', 'fe80::1%eth0', '::ffff:10.0.0.1', '-', ''])(
    '%s may not, unless it is listed',
    (address) => {
      expect(resolveAdminFrom([]).allows(address)).toBe(false)
    },
  )

  test.each([
    ['10.1.0.0/16', '10.1.2.3', '10.2.0.1'],
    ['10.1.0.0/16', '::ffff:10.1.2.3', '::ffff:10.2.0.1'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
    ['2001:db8::/32', '2001:db8::1', '2001:db9::1'],
    ['fe80::1', 'fe80::1%eth0', 'fe80::2%eth0'],
    ['10.0.0.1, 10.0.0.2', '10.0.0.2', '10.0.0.3'],
    ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
  ])('%s lets %s in, and not %s', (adminFrom, inside, outside) => {
    const access = resolveAdminFrom(adminFrom)
    expect(access.allows(inside)).toBe(true)
    expect(access.allows(outside)).toBe(false)
  })
})
