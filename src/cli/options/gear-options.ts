import { flag, type OptionSection, valued } from './server-option.ts'
import { port, text } from './values.ts'

/** The options of gearmand's own protocol, its "Gear" section. */
export const GEAR_OPTIONS: OptionSection = {
  title: 'Gear',
  options: [
    valued({
      name: 'port',
      short: 'p',
      kind: port,
      shownDefault: '4730',
      help: 'Port the server should listen on.',
      set: (draft, value) => {
        draft.server.port = value
      },
    }),
    flag({
      name: 'ssl',
      help: 'Enable ssl connections.',
      set: (draft, isOn) => {
        draft.tls.isOn = isOn
      },
    }),
    valued({
      name: 'ssl-ca-file',
      kind: text('a path'),
      help: 'CA file. Default: /etc/ssl/certs/gearmand-ca.pem.',
      set: (draft, value) => {
        draft.tls.caFile = value
      },
    }),
    valued({
      name: 'ssl-certificate',
      kind: text('a path'),
      help: 'SSL certificate. Default: /etc/ssl/certs/gearmand.pem.',
      set: (draft, value) => {
        draft.tls.certificateFile = value
      },
    }),
    valued({
      name: 'ssl-key',
      kind: text('a path'),
      help: 'SSL key for certificate. Default: /etc/ssl/certs/gearmand.key.',
      set: (draft, value) => {
        draft.tls.keyFile = value
      },
    }),
  ],
}
