import fc from 'fast-check'

/** How many servers there are. */
export const SERVERS = 3

/** Something that happens to a client. What makes no sense at that moment does nothing. */
export type DeliveryEvent =
  | {
      readonly kind: 'submit'
      readonly maxRetries: number
      readonly isIdempotent: boolean
      readonly isBackground: boolean
      /** Milliseconds; `undefined`: none. */
      readonly pollTimeout: number | undefined
    }
  /** A server is reached. */
  | { readonly kind: 'connect'; readonly server: number }
  /** Each server was tried in vain: those without a time limit hear of it. */
  | { readonly kind: 'tried' }
  /** The server answers the oldest submission: JOB_CREATED, or ERROR. */
  | { readonly kind: 'accept' | 'refuse'; readonly server: number }
  /** The job that has been with the server for longest ends. */
  | { readonly kind: 'complete' | 'fail' | 'throw'; readonly server: number }
  /** The connection is lost; so many of the submissions without an answer had left, in part at least. */
  | { readonly kind: 'lose'; readonly server: number; readonly left: number }
  /** Time passes. */
  | { readonly kind: 'tick'; readonly ms: number }
  /** The signal of a call aborts. */
  | { readonly kind: 'abort'; readonly request: number }

const server = fc.nat({ max: SERVERS - 1 })

const event: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      maxRetries: fc.nat({ max: 2 }),
      isIdempotent: fc.boolean(),
      isBackground: fc.boolean(),
      pollTimeout: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('connect' as const), server }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tried' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('accept' as const, 'refuse' as const), server }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('complete' as const, 'fail' as const, 'throw' as const),
      server,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('lose' as const), server, left: fc.nat({ max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      ms: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), request: fc.nat({ max: 9 }) }),
  },
)

/** What happens to a client until it is shut down. */
export const story: fc.Arbitrary<DeliveryEvent[]> = fc.array(event, { maxLength: 50, size: 'max' })
