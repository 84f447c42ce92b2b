import { flag, type OptionSection, type ServerOption, valued } from './server-option.ts'
import { choice, integer, networks } from './values.ts'

/** The options that gearmand does not have. */
export const OWN_OPTIONS: OptionSection = {
  title: 'Not in gearmand',
  options: [
    valued({
      name: 'compat',
      kind: choice(['1.1.20', '2.0']),
      shownDefault: '1.1.20',
      help: 'The gearmand whose order of jobs holds. 2.0: by priority over all functions of a worker, always round robin.',
      set: (draft, value) => {
        draft.server.compat = value
      },
    }),
    valued({
      name: 'admin-from',
      isRepeatable: true,
      kind: networks,
      help: 'Addresses and networks that may stop the server, pause, purge and drop, beside this machine: 10.0.0.0/8,::1. Can be repeated.',
      set: (draft, value) => {
        draft.adminFrom.push(...value)
      },
    }),
    flag({
      name: 'ssl-verify-client',
      help: 'Refuse clients without a certificate of the CA file.',
      set: (draft, isOn) => {
        draft.tls.isClientVerified = isOn
      },
    }),
    valued({
      name: 'http-compat',
      kind: choice(['on', 'off']),
      shownDefault: 'on',
      help: "gearmand's HTTP status codes: 200 for failed jobs, too. off: codes that say what happened.",
      set: (draft, value) => {
        draft.http.isCompatible = value === 'on'
      },
    }),
    limit('max-packet-bytes', 'maxPacketBytes', 1024, 2 ** 32 - 1, {
      shownDefault: '268435456',
      help: 'Largest packet; a larger one is answered with an error.',
    }),
    limit('max-line-bytes', 'maxLineBytes', 64, 2 ** 31 - 1, {
      shownDefault: '8192',
      help: 'Longest text command; a longer one closes its connection.',
    }),
    limit('max-argument-bytes', 'maxArgumentBytes', 512, 2 ** 31 - 1, {
      shownDefault: '8192',
      help: 'Longest argument of a packet, its data left out.',
    }),
    limit('max-unsent-bytes', 'maxUnsentBytes', 1024 * 1024, Number.MAX_SAFE_INTEGER, {
      shownDefault: '536870912',
      help: 'What may wait for a peer that does not read, until it is cut off.',
    }),
  ],
}

type Limit = 'maxPacketBytes' | 'maxLineBytes' | 'maxArgumentBytes' | 'maxUnsentBytes'

function limit(
  name: string,
  target: Limit,
  min: number,
  max: number,
  shown: { readonly shownDefault: string; readonly help: string },
): ServerOption {
  return valued({
    name,
    kind: integer(min, max),
    ...shown,
    set: (draft, value) => {
      draft.server[target] = value
    },
  })
}
