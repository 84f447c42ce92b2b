import { show } from '../../core/checks.ts'

/** What {@link PythonError} is made of. */
export interface PythonErrorOptions {
  /** The module of its class. @defaultValue `'builtins'` */
  readonly module?: string | undefined
  /** What its constructor was given in Python. */
  readonly args?: readonly unknown[] | undefined
  /** Attributes that it is given afterwards. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

const MAX_SHOWN_ARGS = 10

/** The attribute in which a JavaScript error carries its own name through a Python class. */
export const JS_NAME_ATTRIBUTE = 'js_name'

/**
 * A Python exception: its class as `name` and `module`, its `args` and its attributes. `message` is what Python's
 * `str()` shows, as far as that can be told without the class.
 */
export class PythonError extends Error {
  /** The module of its class, as in `builtins` or `myapp.errors`. */
  readonly module: string
  /** The name of its class in Python. Equals `name`, except for what was a JavaScript error before. */
  readonly className: string
  /** What its constructor was given in Python. */
  readonly args: readonly unknown[]
  /** The attributes that it was given afterwards; those of a JavaScript error are `js_name`, `code`, `__cause__`. */
  attributes: Readonly<Record<string, unknown>> = {}
  /** The attribute `code`, when there is one. */
  code?: unknown

  constructor(
    className: string,
    { module = 'builtins', args = [], attributes = {} }: PythonErrorOptions = {},
  ) {
    super(messageOf(args))
    this.name = className
    this.className = className
    this.module = module
    this.args = args
    this.setAttributes(attributes)
  }

  /** Takes the attributes of the exception; `code` and `__cause__` also become those of the error. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    this.attributes = attributes
    const name = attributes[JS_NAME_ATTRIBUTE]
    if (typeof name === 'string') this.name = name
    if (Object.hasOwn(attributes, 'code')) this.code = attributes['code']
    const cause = attributes['__cause__'] ?? undefined
    if (cause !== undefined) this.cause = cause
  }
}

/** Python's `str()` of it. What an argument holds is not shown: an exception can have large ones. */
function messageOf(args: readonly unknown[]): string {
  const [first, second, file] = args
  if (args.length === 0) return ''
  if (args.length === 1) return typeof first === 'string' ? first : show(first)
  if (typeof first === 'number' && typeof second === 'string' && args.length <= 5) {
    const path = file === undefined || file === null ? '' : `: ${show(file)}`
    return `[Errno ${first}] ${second}${path}`
  }
  const shown = args.slice(0, MAX_SHOWN_ARGS).map(show)
  return `(${[...shown, ...(args.length > MAX_SHOWN_ARGS ? ['...'] : [])].join(', ')})`
}
