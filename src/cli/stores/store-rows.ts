import { flag, type ServerOption, valued } from '../options/server-option.ts'
import { port, text } from '../options/values.ts'

interface Shown {
  readonly help: string
  readonly shownDefault?: string
}

/** An option of a store that takes text. */
export function textRow(name: string, what: string, shown: Shown): ServerOption {
  return valued({
    name,
    kind: text(what),
    ...shown,
    set: (draft, value) => draft.store.values.set(name, value),
  })
}

/** An option of a store that takes a port. */
export function portRow(name: string, shown: Shown): ServerOption {
  return valued({
    name,
    kind: port,
    ...shown,
    set: (draft, value) => draft.store.values.set(name, value),
  })
}

/** An option of a store without an argument. */
export function flagRow(name: string, shown: Shown & { readonly notice?: string }): ServerOption {
  return flag({ name, ...shown, set: (draft, isOn) => draft.store.values.set(name, isOn) })
}
