import { attributesOf, type PythonClassReader } from './class-registry.ts'
import type { PyGlobal } from './python-containers.ts'
import { PythonError } from './python-error.ts'

/** The built-in exceptions that Python 2 has as well. */
const OLD_EXCEPTIONS =
  'ArithmeticError AssertionError AttributeError BaseException BufferError BytesWarning DeprecationWarning EOFError \
EnvironmentError Exception FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning \
IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError NotImplementedError OSError \
OverflowError PendingDeprecationWarning ReferenceError RuntimeError RuntimeWarning StopIteration SyntaxError \
SyntaxWarning SystemError SystemExit TabError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError \
UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError'
/** Those that came with Python 3. */
const NEW_EXCEPTIONS =
  'BaseExceptionGroup BlockingIOError BrokenPipeError ChildProcessError ConnectionAbortedError ConnectionError \
ConnectionRefusedError ConnectionResetError EncodingWarning ExceptionGroup FileExistsError FileNotFoundError \
InterruptedError IsADirectoryError ModuleNotFoundError NotADirectoryError PermissionError ProcessLookupError \
PythonFinalizationError RecursionError ResourceWarning StopAsyncIteration TimeoutError'

const OLD: ReadonlySet<string> = /* @__PURE__ */ new Set(OLD_EXCEPTIONS.split(' '))
const NEW: ReadonlySet<string> = /* @__PURE__ */ new Set(NEW_EXCEPTIONS.split(' '))

/** Whether it is an exception that comes with Python. */
export function isBuiltinException(module: string, name: string): boolean {
  return module === 'builtins' && (OLD.has(name) || NEW.has(name))
}

/** Whether Python 2 has it, too. */
export function isOldException(module: string, name: string): boolean {
  return module === 'builtins' && OLD.has(name)
}

/** Reads the instances of an exception class. */
export function exceptionReader({ module, name }: PyGlobal): PythonClassReader {
  return {
    make: (args) => new PythonError(name, { module, args }),
    setState: (error, state) => {
      // Only what `make` has made.
      if (error instanceof PythonError && state !== null) {
        error.setAttributes(Object.fromEntries(attributesOf(state)))
      }
    },
  }
}
