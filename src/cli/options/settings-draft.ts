import type { ServerOptions } from '../../server/index.ts'
import type { LogLevel } from '../server-settings.ts'
import { StoreValues } from '../stores/store-values.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** The settings while options are applied to them, one after the other. */
export interface SettingsDraft {
  readonly server: Writable<ServerOptions>
  readonly log: { level: LogLevel; file: string; isSyslog: boolean }
  readonly tls: {
    isOn: boolean
    keyFile: string | undefined
    certificateFile: string | undefined
    caFile: string | undefined
    isClientVerified: boolean
  }
  readonly http: { isOn: boolean; port: number; isCompatible: boolean }
  readonly adminFrom: string[]
  readonly keepAlive: { isOn: boolean; idleSeconds: number | undefined }
  readonly store: {
    queueType: string | undefined
    dataFolder: string | undefined
    readonly values: StoreValues
  }
  isDaemon: boolean
  pidFile: string | undefined
  user: string | undefined
  readonly notices: string[]
}

/** Settings to which nothing was applied yet. */
export function newDraft(): SettingsDraft {
  return {
    server: {},
    log: { level: 'ERROR', file: 'stderr', isSyslog: false },
    tls: {
      isOn: false,
      keyFile: undefined,
      certificateFile: undefined,
      caFile: undefined,
      isClientVerified: false,
    },
    http: { isOn: false, port: 8080, isCompatible: true },
    adminFrom: [],
    keepAlive: { isOn: true, idleSeconds: undefined },
    store: { queueType: undefined, dataFolder: undefined, values: new StoreValues() },
    isDaemon: false,
    pidFile: undefined,
    user: undefined,
    notices: [],
  }
}
