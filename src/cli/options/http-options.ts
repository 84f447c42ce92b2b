import { type OptionSection, valued } from './server-option.ts'
import { port } from './values.ts'

/** gearmand's "HTTP" section. */
export const HTTP_OPTIONS: OptionSection = {
  title: 'HTTP',
  options: [
    valued({
      name: 'http-port',
      kind: port,
      shownDefault: '8080',
      help: 'Port to listen on.',
      set: (draft, value) => {
        draft.http.port = value
      },
    }),
  ],
}
