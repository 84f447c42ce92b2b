import type { SettingsDraft } from './settings-draft.ts'
import type { ValueKind } from './values.ts'

/** Puts a value that was given for an option into the settings. */
export type Setter = (draft: SettingsDraft) => void

/** What all rows of the option table have. */
interface OptionRow {
  /** The long name, without dashes. */
  readonly name: string
  /** The one letter behind a single dash, where there is one. */
  readonly short?: string
  /** What `--help` says. */
  readonly help: string
  /** Not in `--help`. */
  readonly isHidden?: boolean
  /** Rules the command itself, so it has no place in a config file. */
  readonly isCommandLineOnly?: boolean
  /** May be given several times; the values add up. */
  readonly isRepeatable?: boolean
  /** What the log says when the option is given but means something else here than in gearmand. */
  readonly notice?: string
}

/** A row of the option table without an argument, as it is written there. */
export interface FlagRow extends OptionRow {
  readonly set?: (draft: SettingsDraft, isOn: boolean) => void
}

/** A row of the option table with an argument, as it is written there. */
export interface ValueRow<T> extends OptionRow {
  readonly kind: ValueKind<T>
  /** What holds without the option, as `--help` shows it. */
  readonly shownDefault?: string
  readonly set?: (draft: SettingsDraft, value: T) => void
}

/** An option of `gearman-sdk server`, as the parser and `--help` see it. */
export interface ServerOption extends OptionRow {
  /** What is allowed as its argument, in words; `undefined` for an option without one. */
  readonly expects: string | undefined
  readonly shownDefault?: string
  /** Reads an argument; `undefined` when it is not allowed. A flag is given `'on'` or `'off'`. */
  read(text: string): Setter | undefined
}

/** Options that `--help` shows below one title. */
export interface OptionSection {
  readonly title: string
  readonly options: readonly ServerOption[]
}

/** Makes an option without argument of its row. */
export function flag(row: FlagRow): ServerOption {
  return {
    ...row,
    expects: undefined,
    read: (text) => (draft) => {
      const isOn = text === 'on'
      row.set?.(draft, isOn)
      if (isOn && row.notice !== undefined) draft.notices.push(row.notice)
    },
  }
}

/** Makes an option with an argument of its row. */
export function valued<T>(row: ValueRow<T>): ServerOption {
  return {
    ...row,
    expects: row.kind.expects,
    read(text) {
      const value = row.kind.read(text)
      if (value === undefined) return undefined
      return (draft) => {
        row.set?.(draft, value)
        if (row.notice !== undefined) draft.notices.push(row.notice)
      }
    },
  }
}
