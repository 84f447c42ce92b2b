/** What was given for the options of a store, by option name. */
export class StoreValues {
  readonly #values = new Map<string, string | number | boolean>()

  /** Keeps a value. */
  set(name: string, value: string | number | boolean): void {
    this.#values.set(name, value)
  }

  /** The text given for an option; `undefined` when it was not given. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)
    return value === undefined ? undefined : String(value)
  }

  /** The number given for an option; `undefined` when it was not given. */
  integer(name: string): number | undefined {
    const value = this.#values.get(name)
    return typeof value === 'number' ? value : undefined
  }

  /** Whether a flag was given. */
  flag(name: string): boolean {
    return this.#values.get(name) === true
  }
}
