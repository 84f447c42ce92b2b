/** What the user can do something about: its message is printed, without a stack. */
export class DemoError extends Error {
  override readonly name = 'DemoError'
}
