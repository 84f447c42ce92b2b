import { test } from 'vitest'
import { describeWithMariadb, startMariadb } from '../../../../helpers/mariadb.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithMariadb('a server on MariaDB', () => {
  test('loses no accepted job when it is killed at any moment', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const mariadb = await startMariadb()
    try {
      const { host, port, user, password } = mariadb
      const place = `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${await mariadb.createDatabase()}`
      await expectNoLoss({ kind: 'mysql', place }, 3)
    } finally {
      await mariadb.remove()
    }
  })
})
