import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isClosed, resetSocket } from '../../../src/testing/reset-socket.ts'
import { useSocketPair } from '../../helpers/socket-pair.ts'

function errorsOf(socket: Socket): Error[] {
  const errors: Error[] = []
  socket.on('error', (error) => errors.push(error))
  return errors
}

test('the other side of a socket that is reset gets ECONNRESET', async () => {
  const { near, far } = await useSocketPair()
  const closed = once(far, 'error')
  resetSocket(near)
  const [error] = await closed
  expect(error).toMatchObject({ code: 'ECONNRESET' })
  await isClosed(near)
})

test.for([0, 1, 2])(
  'a socket that is being ended is closed as well, %d turns after end()',
  async (turns) => {
    const { near } = await useSocketPair()
    const errors = errorsOf(near)
    near.end()
    for (let turn = 0; turn < turns; turn += 1) await nextTurn()
    resetSocket(near)
    await isClosed(near)
    expect(errors).toEqual([])
  },
)

test('a socket that is closed already stays as it is', async () => {
  const { near } = await useSocketPair()
  const errors = errorsOf(near)
  near.destroy()
  resetSocket(near)
  await isClosed(near)
  resetSocket(near)
  expect(errors).toEqual([])
})
