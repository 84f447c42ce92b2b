import { afterAll, beforeAll, test } from 'vitest'
import { describeWithMariadb, type Mariadb, startMariadb } from '../../../../helpers/mariadb.ts'
import { expectNoLoss } from './expect-no-loss.ts'
import type { StoreSpec } from './store-kinds.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithMariadb('a server on MariaDB loses no accepted job', () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
  }, 120_000)
  afterAll(() => mariadb.remove())

  async function newPlace(): Promise<StoreSpec> {
    const { host, port, user, password } = mariadb
    const database = await mariadb.createDatabase()
    const place = `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
    return { kind: 'mysql', place }
  }

  test('when it is killed at any moment', { timeout: TIMEOUT_MS }, async () => {
    await expectNoLoss(await newPlace(), 3)
  })

  test('when MariaDB is killed and started again under it', { timeout: TIMEOUT_MS }, async () => {
    await expectNoLoss(await newPlace(), 3, {
      kill: () => mariadb.stop('SIGKILL'),
      start: () => mariadb.start(),
    })
  })
})
