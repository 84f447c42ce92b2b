/** Why the server did not start, in one line for the person at the terminal. Nothing of it runs. */
export class StartFailure extends Error {
  static {
    StartFailure.prototype.name = 'StartFailure'
  }
}
