import { type ErrorReport, errorReport } from '../error-report.ts'
import { isBuiltinException } from './exception-class.ts'
import { PyGlobal } from './python-containers.ts'
import { JS_NAME_ATTRIBUTE, PythonError } from './python-error.ts'

/** Exceptions of Python 2 and 3 that say what these errors say. Any other error is an `Exception`. */
const COUNTERPARTS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['RangeError', 'ValueError'],
  ['ReferenceError', 'NameError'],
  ['SyntaxError', 'ValueError'],
  ['TypeError', 'TypeError'],
  ['URIError', 'ValueError'],
])
const ANY_EXCEPTION = 'Exception'

/** How Python makes the exception. */
export interface ErrorParts {
  readonly global: PyGlobal
  readonly args: readonly unknown[]
  readonly state?: Readonly<Record<string, unknown>>
}

/** An error as a Python exception: a {@link PythonError} as what it was, any other as its counterpart. */
export function errorParts(error: Error): ErrorParts {
  const python = error instanceof PythonError ? error : toPythonError(errorReport(error))
  const hasState = Object.keys(python.attributes).length > 0
  return {
    global: new PyGlobal(python.module, python.className),
    args: python.args,
    ...(hasState && { state: python.attributes }),
  }
}

/** Whatever was thrown, as an exception of a class that every Python has. Never throws. */
export function thrownAsPythonError(thrown: unknown): PythonError {
  const isKnown =
    thrown instanceof PythonError && isBuiltinException(thrown.module, thrown.className)
  return isKnown ? thrown : toPythonError(errorReport(thrown))
}

/** The same without what may have no form in a pickle. */
export function plainPythonError(thrown: unknown): PythonError {
  return toPythonError(errorReport(thrown))
}

function toPythonError({ name, message, code, cause }: ErrorReport): PythonError {
  const className = COUNTERPARTS.get(name) ?? ANY_EXCEPTION
  const attributes = {
    ...(name !== className && { [JS_NAME_ATTRIBUTE]: name }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { __cause__: toPythonError(cause) }),
  }
  return new PythonError(className, { args: [message], attributes })
}
