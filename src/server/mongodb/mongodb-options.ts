import { checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'

/** Options of {@link MongodbStore}. */
export interface MongodbStoreOptions {
  /**
   * The connection string: `mongodb://user:password@host:port/database`, or `mongodb+srv://...`, with the options of
   * the driver. Without a database in it, that is `gearman`.
   */
  readonly url: string
  /**
   * Servers with different names have different queues, each a collection `gearman_sdk_NAME`. Letters, digits, `_`
   * and `-`.
   * @defaultValue `'default'`
   */
  readonly queueName?: string | undefined
  /**
   * How long, in milliseconds, a commit may wait for the database, which may be away meanwhile, until its jobs
   * are refused. Above 0.
   * @defaultValue `15_000`
   */
  readonly timeout?: number | undefined
}

/** The options with their defaults. */
export interface ResolvedMongodbOptions {
  readonly url: string
  /** Hosts and ports as they stand in the URL; no password. */
  readonly hosts: string
  readonly database: string
  readonly queueName: string
  readonly timeoutMs: number
}

const DEFAULTS = { database: 'gearman', queueName: 'default', timeout: 15_000 } as const

const URL_FORM = /^mongodb(?:\+srv)?:\/\/(?:[^/?]*@)?([^@/?]+)(?:\/([^?]*))?(?:\?.*)?$/

/** @throws InvalidArgumentError naming the option that is wrong; it does not show a URL, which has a password */
export function resolveMongodbOptions(options: MongodbStoreOptions): ResolvedMongodbOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const { url, queueName = DEFAULTS.queueName, timeout = DEFAULTS.timeout } = options
  const [, hosts, database] = (typeof url === 'string' ? URL_FORM.exec(url) : undefined) ?? []
  if (hosts === undefined) {
    throw new InvalidArgumentError('url', 'must be mongodb://HOST:PORT/DATABASE or mongodb+srv://')
  }
  if (typeof queueName !== 'string' || !/^[\w-]{1,64}$/.test(queueName)) {
    throw new InvalidArgumentError(
      'queueName',
      `must be 1 to 64 letters, digits, _ and -, not ${show(queueName)}`,
    )
  }
  return {
    url,
    hosts,
    database: database === undefined || database === '' ? DEFAULTS.database : database,
    queueName,
    timeoutMs: checkInteger('timeout', timeout, 1, 2 ** 31 - 1),
  }
}
