import type { MysqlSession } from './mysql-session.ts'

/** The first versions that have the window functions of the import. */
const FIRST_VERSIONS = {
  MariaDB: [10, 2],
  MySQL: [8, 0],
} as const

/** @throws Error naming the version that is too old */
export async function checkVersion(session: MysqlSession): Promise<void> {
  const [row] = await session.rows('SELECT VERSION() AS version')
  const version = String(row?.['version'])
  const product = /mariadb/i.test(version) ? 'MariaDB' : 'MySQL'
  const [major, minor] = FIRST_VERSIONS[product]
  const [hasMajor = 0, hasMinor = 0] = version.split(/[.-]/).map(Number)
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return
  throw new Error(`it needs ${product} ${major}.${minor} or later, and this is version ${version}`)
}

/**
 * Tells of settings with which the database confirms what it may lose with the machine.
 *
 * @see MySQL manual, "InnoDB Startup Options", "Binary Logging Options and Variables"
 */
export async function reportDurability(
  session: MysqlSession,
  notice: (message: string) => void,
): Promise<void> {
  const [row] = await session.rows(
    `SELECT @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS has_binlog, @@sync_binlog AS sync`,
  )
  const flush = Number(row?.['flush'])
  if (flush !== 1 && flush !== 3) {
    notice(
      `innodb_flush_log_at_trx_commit is ${flush}, not 1: jobs of the last second may be lost with the machine`,
    )
  }
  if (Number(row?.['has_binlog']) === 1 && Number(row?.['sync']) !== 1) {
    notice(
      `sync_binlog is ${Number(row?.['sync'])}, not 1: the last jobs may be lost with the machine`,
    )
  }
}
