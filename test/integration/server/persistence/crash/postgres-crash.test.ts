import { test } from 'vitest'
import { describeWithPostgres, usePostgres } from '../../../../helpers/postgres.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithPostgres('a server on PostgreSQL', () => {
  const postgres = usePostgres()

  test('that is killed at any moment loses no accepted job', { timeout: TIMEOUT_MS }, async () => {
    const { connectionString } = await postgres.createSchema()
    await expectNoLoss({ kind: 'postgres', place: connectionString }, 3)
  })
})
