import type { ServerOptions } from '../../server/index.ts'
import type { ServerSettings, TlsFiles } from '../server-settings.ts'
import { UsageError } from '../usage-error.ts'
import { finishStore, unusedStoreOptions } from './finish-store.ts'
import type { SettingsDraft } from './settings-draft.ts'

/** gearmand's files when its options name no others. */
const DEFAULT_CA_FILE = '/etc/ssl/certs/gearmand-ca.pem'
const DEFAULT_CERTIFICATE_FILE = '/etc/ssl/certs/gearmand.pem'
const DEFAULT_KEY_FILE = '/etc/ssl/certs/gearmand.key'

const LOOPBACK_NOTICE =
  'only this machine can connect, on 127.0.0.1; --listen 0.0.0.0 opens the port to others'

/**
 * Completes the settings with what depends on more than one option.
 *
 * @param named - the options that somebody asked for; the environment, which is there for others too, left out
 * @throws UsageError when options contradict each other, or one is missing or wrong
 */
export function finishSettings(draft: SettingsDraft, named: ReadonlySet<string>): ServerSettings {
  const { log, isDaemon, pidFile, user } = draft
  const server = finishServer(draft)
  const tls = finishTls(draft)
  const { dataFolder } = draft.store
  const notices = finishNotices(draft, named)
  return { server, tls, log, isDaemon, pidFile, user, dataFolder, notices }
}

function finishServer(draft: SettingsDraft): ServerOptions {
  const { server, http, adminFrom, keepAlive } = draft
  const store = finishStore(draft)
  const { isOn, idleSeconds } = keepAlive
  return {
    ...server,
    ...(store !== undefined && { store }),
    ...(http.isOn && { http: { port: http.port, compat: http.isCompatible } }),
    ...(adminFrom.length > 0 && { adminFrom }),
    ...(!isOn && { keepAlive: false }),
    // As in gearmand, naming a time is enough to have it.
    ...(idleSeconds !== undefined && { keepAlive: { idle: idleSeconds * 1000 } }),
  }
}

function finishTls({ tls }: SettingsDraft): TlsFiles | undefined {
  const { isClientVerified } = tls
  if (!tls.isOn) {
    // Whoever wants only known clients must not get a port that is open to all.
    if (isClientVerified) throw new UsageError('--ssl-verify-client needs --ssl')
    return undefined
  }
  return {
    keyFile: tls.keyFile ?? DEFAULT_KEY_FILE,
    certificateFile: tls.certificateFile ?? DEFAULT_CERTIFICATE_FILE,
    caFile: tls.caFile ?? (isClientVerified ? DEFAULT_CA_FILE : undefined),
    isClientVerified,
  }
}

const HTTP_OPTIONS = ['http-port', 'http-compat'] as const
const TLS_OPTIONS = ['ssl-ca-file', 'ssl-certificate', 'ssl-key'] as const

function finishNotices(draft: SettingsDraft, named: ReadonlySet<string>): readonly string[] {
  const found = [...draft.notices]
  if (draft.server.host === undefined) found.push(LOOPBACK_NOTICE)
  for (const name of TLS_OPTIONS) {
    if (!draft.tls.isOn && named.has(name)) {
      found.push(`--${name} does nothing without --ssl: connections are not encrypted`)
    }
  }
  for (const name of HTTP_OPTIONS) {
    if (!draft.http.isOn && named.has(name)) {
      found.push(`--${name} does nothing without --protocol http`)
    }
  }
  found.push(...unusedStoreOptions(draft, named))
  return found
}
