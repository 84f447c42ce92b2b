import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TypedEmitter } from '../../../src/core/typed-emitter.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

interface Events {
  ready: (event: { readonly id: number }) => void
  lost: (event: { readonly id: number }) => void
}

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason)
}

describe('TypedEmitter', () => {
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', onUnhandled)
  })
  afterEach(() => {
    process.off('unhandledRejection', onUnhandled)
  })

  it('calls the listeners of an event in order, with the event', () => {
    const emitter = new TypedEmitter<Events>()
    const calls: string[] = []
    emitter.on('ready', ({ id }) => calls.push(`first ${id}`))
    emitter.on('ready', ({ id }) => calls.push(`second ${id}`))
    emitter.on('lost', () => calls.push('lost'))
    expect(emitter.emit('ready', { id: 7 })).toBe(true)
    expect(calls).toEqual(['first 7', 'second 7'])
  })

  it('says whether anybody listened', () => {
    const emitter = new TypedEmitter<Events>()
    expect(emitter.emit('ready', { id: 1 })).toBe(false)
    const listener = (): void => undefined
    emitter.on('ready', listener)
    expect(emitter.listenerCount('ready')).toBe(1)
    emitter.off('ready', listener)
    expect(emitter.emit('ready', { id: 1 })).toBe(false)
  })

  it('calls a once listener once, and takes it away when asked before', () => {
    const emitter = new TypedEmitter<Events>()
    const seen: number[] = []
    const listener: Events['ready'] = ({ id }) => seen.push(id)
    emitter.once('ready', listener)
    emitter.emit('ready', { id: 1 })
    emitter.emit('ready', { id: 2 })
    emitter.once('ready', listener)
    emitter.off('ready', listener)
    emitter.emit('ready', { id: 3 })
    expect(seen).toEqual([1])
  })

  it('takes a listener away from the event that is named, not from others', () => {
    const emitter = new TypedEmitter<Events>()
    const seen: number[] = []
    const listener: Events['ready'] = ({ id }) => seen.push(id)
    emitter.on('ready', listener)
    emitter.on('lost', listener)
    emitter.off('ready', listener)
    emitter.off('ready', () => undefined)
    emitter.emit('ready', { id: 1 })
    emitter.emit('lost', { id: 2 })
    expect(seen).toEqual([2])
  })

  it('goes on when a listener throws', () => {
    const emitter = new TypedEmitter<Events>()
    const calls: string[] = []
    emitter.on('ready', () => {
      throw new Error('a bug of the user')
    })
    emitter.on('ready', () => calls.push('second'))
    expect(emitter.emit('ready', { id: 1 })).toBe(true)
    expect(calls).toEqual(['second'])
  })

  it('takes the rejection of an async listener on itself', async () => {
    const emitter = new TypedEmitter<Events>()
    emitter.on('ready', async () => {
      throw new Error('a bug of the user')
    })
    emitter.emit('ready', { id: 1 })
    await new Promise(setImmediate)
    expect(unhandled).toEqual([])
  })

  it('takes the rejection of any thenable on itself, one of another realm for instance', async () => {
    const emitter = new TypedEmitter<Events>()
    let caught: unknown
    const foreign = {
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      then(_resolve: unknown, reject: (reason: unknown) => void) {
        caught = reject
        reject(new Error('a bug of the user'))
      },
    }
    emitter.on('ready', () => foreign)
    emitter.emit('ready', { id: 1 })
    await new Promise(setImmediate)
    expect(caught).toBeTypeOf('function')
    expect(unhandled).toEqual([])
  })

  it('survives a listener that emits, adds and removes', () => {
    const emitter = new TypedEmitter<Events>()
    const seen: number[] = []
    const later: Events['ready'] = ({ id }) => seen.push(id * 10)
    emitter.once('ready', ({ id }) => {
      seen.push(id)
      emitter.on('ready', later)
      emitter.emit('ready', { id: 2 })
      emitter.off('ready', later)
    })
    emitter.emit('ready', { id: 1 })
    emitter.emit('ready', { id: 3 })
    expect(seen).toEqual([1, 20])
  })

  it('refuses a listener that is no function', () => {
    const emitter = new TypedEmitter<Events>()
    const none = undefined as unknown as Events['ready']
    expect(() => emitter.on('ready', none)).toThrow(InvalidArgumentError)
    expect(() => emitter.once('ready', none)).toThrow(InvalidArgumentError)
    expect(() => emitter.off('ready', none)).not.toThrow()
  })
})
