import { test } from 'vitest'
import { describeWithPostgres, usePostgres } from '../../../../helpers/postgres.ts'
import { expectNoLoss } from './expect-no-loss.ts'
import type { StoreSpec } from './store-kinds.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithPostgres('a server on PostgreSQL loses no accepted job', () => {
  const postgres = usePostgres()

  async function newPlace(): Promise<StoreSpec> {
    const { connectionString } = await postgres.createSchema()
    return { kind: 'postgres', place: connectionString }
  }

  test('when it is killed at any moment', { timeout: TIMEOUT_MS }, async () => {
    await expectNoLoss(await newPlace(), 3)
  })

  test('when PostgreSQL is killed and started again under it', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await expectNoLoss(await newPlace(), 3, postgres)
  })
})
