/**
 * The same packets and text commands, played against a real gearmand 1.1.20 and the bundled server: what
 * comes back must be the same, byte for byte. Where the bundled server differs on purpose, the test says
 * why and holds both answers.
 *
 * No script reports on a job in the same breath in which it grabs it: gearmand frees a job's data when it
 * ends, and its I/O thread may still be sending JOB_ASSIGN then.
 */

import { rawPacket } from '../../helpers/raw-peer.ts'
import { describeParity, parity } from './parity-script.ts'

const NO_ARGUMENTS = ['GRAB_JOB', 'GRAB_JOB_UNIQ', 'GRAB_JOB_ALL', 'PRE_SLEEP'] as const

describeParity('packets, as gearmand answers them', () => {
  parity('an echo comes back as it was, empty or with any bytes', async (stage) => {
    const peer = await stage.connect()
    await peer.play(['ECHO_REQ', ''], ['ECHO_REQ', 'a\0b\xff'], ['ECHO_REQ', 'x'.repeat(100_000)])
  })

  parity('packets that are not for a server get INVALID_COMMAND', async (stage) => {
    const peer = await stage.connect()
    for (const type of [5, 6, 10, 24]) await peer.play([type])
    await peer.play(['JOB_CREATED', 'h'], ['ECHO_RES', 'x'], ['OPTION_RES', 'exceptions'])
    await peer.play(['JOB_ASSIGN', 'h', 'f', 'x'], ['JOB_ASSIGN_UNIQ', 'h', 'f', 'u', 'x'])
    await peer.play(['JOB_ASSIGN_ALL', 'h', 'f', 'u', 'r', 'x'], ['ERROR', 'code', 'text'])
    await peer.play(['STATUS_RES', 'h', '0', '0', '0', '0'])
    await peer.play(['STATUS_RES_UNIQUE', 'u', '0', '0', '0', '0', '0'])
    await peer.play(['SUBMIT_JOB_SCHED', 'f', 'u', '1', '2', '3', '4', '5', 'data'])
  })

  parity('the response magic gets INVALID_MAGIC', async (stage) => {
    const peer = await stage.connect()
    await peer.sendBytes(rawPacket('JOB_CREATED', ['H:x:1'], '\0RES'))
    await peer.sendBytes(rawPacket('ECHO_REQ', ['x'], '\0RES'))
  })

  parity('options: exceptions in any case, nothing else', async (stage) => {
    const peer = await stage.connect()
    await peer.play(['OPTION_REQ', 'exceptions'], ['OPTION_REQ', 'EXceptions'])
    await peer.play(['OPTION_REQ', 'other'], ['OPTION_REQ', ''])
    await peer.play(['OPTION_REQ', 'exceptions\0'], ['OPTION_REQ', 'exceptions\0x'])
  })

  parity('nothing to do is NO_JOB for each kind of grab', async (stage) => {
    const peer = await stage.connect()
    for (const name of NO_ARGUMENTS) await peer.play([name])
    await peer.play(['CAN_DO', 'f'])
    for (const name of NO_ARGUMENTS) await peer.play([name])
  })
})

describeParity('jobs, as gearmand handles them', () => {
  parity('a foreground job from submit to result', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'reverse'], ['PRE_SLEEP'])
    const handle = await client.submit('SUBMIT_JOB', 'reverse', 'u1', 'a\0b')
    await worker.listen()
    await worker.play(['GRAB_JOB_UNIQ'])
    await client.play(['GET_STATUS', handle], ['GET_STATUS_UNIQUE', 'u1'])
    await worker.play(['WORK_DATA', handle, 'part\0ial'], ['WORK_WARNING', handle, ''])
    await worker.play(['WORK_STATUS', handle, '3', '10'])
    await client.listen()
    await client.play(['GET_STATUS', handle], ['GET_STATUS_UNIQUE', 'u1'])
    await client.say('status\nprioritystatus\nshow jobs\nshow unique jobs\n')
    await worker.play(['WORK_COMPLETE', handle, 'b\0a'])
    await client.listen()
    await client.play(['GET_STATUS', handle], ['GET_STATUS_UNIQUE', 'u1'])
    await client.say('status\nprioritystatus\nshow jobs\nshow unique jobs\n')
    await worker.play(['WORK_COMPLETE', handle, 'again'], ['WORK_FAIL', handle])
    await worker.play(['WORK_DATA', handle, ''], ['WORK_WARNING', handle, ''])
    await worker.play(['WORK_STATUS', handle, '1', '2'], ['WORK_EXCEPTION', handle, ''])
  })

  parity('each kind of grab shows as much of a job as it asks for', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    for (const grab of ['GRAB_JOB', 'GRAB_JOB_UNIQ', 'GRAB_JOB_ALL'] as const) {
      await client.submit('SUBMIT_JOB_BG', 'f', 'unique', 'data')
      await worker.play([grab])
      await client.submit('SUBMIT_JOB_BG', 'f', '', '')
      await worker.play([grab])
      await client.submit('SUBMIT_REDUCE_JOB_BACKGROUND', 'f', 'u2', 'reducer', 'ignored', 'd\0d')
      await worker.play([grab])
      await client.submit('SUBMIT_REDUCE_JOB', 'f', '', '', '', 'no reducer')
      await worker.play([grab])
    }
  })

  parity('failure, with and without a NUL behind the handle, ends a job', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    const handle = await client.submit('SUBMIT_JOB', 'f', '', '1')
    await worker.play(['GRAB_JOB'])
    await worker.play(['WORK_FAIL', handle])
    await client.listen()
    await client.say('show jobs\n')
  })

  parity('an exception reaches those who asked', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await client.play(['OPTION_REQ', 'exceptions'])
    await worker.play(['CAN_DO', 'f'])
    const handle = await client.submit('SUBMIT_JOB', 'f', '', '1')
    await worker.play(['GRAB_JOB'])
    await worker.play(['WORK_EXCEPTION', handle, 'bo\0om'], ['WORK_FAIL', handle])
    await client.listen()
  })

  parity(
    'with the option exceptions everybody gets them',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'])
      const handle = await client.submit('SUBMIT_JOB', 'f', '', '1')
      await worker.play(['GRAB_JOB'])
      await worker.play(['WORK_EXCEPTION', handle, 'boom'])
      await client.listen()
    },
    { options: { exceptions: true }, args: ['--exceptions'] },
  )

  parity('what a worker reports about a job of another is refused', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const other = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    const handle = await client.submit('SUBMIT_JOB', 'f', '', '1')
    await other.play(['WORK_COMPLETE', handle, 'x'])
    await worker.play(['GRAB_JOB'])
    await other.play(
      ['WORK_COMPLETE', handle, 'x'],
      ['WORK_FAIL', handle],
      ['WORK_DATA', handle, ''],
    )
    await other.play(['WORK_EXCEPTION', handle, 'x'], ['WORK_STATUS', handle, '1', '2'])
    await other.play(['WORK_WARNING', handle, 'x'], ['WORK_COMPLETE', 'nonsense', 'x'])
    await client.play(['GET_STATUS', handle])
  })

  parity('priorities go before age, within one function', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const kinds = ['SUBMIT_JOB_LOW', 'SUBMIT_JOB', 'SUBMIT_JOB_HIGH'] as const
    for (const kind of kinds) {
      for (const data of ['1', '2']) await client.submit(kind, 'f', '', kind + data)
      await client.submit(`${kind}_BG`, 'f', '', `${kind} bg`)
    }
    await client.say('prioritystatus\n')
    await worker.play(['CAN_DO', 'f'])
    for (let count = 0; count < 10; count += 1) await worker.play(['GRAB_JOB'])
    await client.say('prioritystatus\n')
  })

  parity('functions go in reverse order of registration', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c'])
    for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) {
      await client.submit(name === 'a' ? 'SUBMIT_JOB_HIGH_BG' : 'SUBMIT_JOB_BG', name, '', name)
    }
    for (let count = 0; count < 7; count += 1) await worker.play(['GRAB_JOB'])
    await client.say('workers\n')
  })

  parity(
    'round robin moves the function that gave a job to the end',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c'])
      for (const name of ['a', 'b', 'b', 'a', 'b', 'b', 'c', 'c', 'a']) {
        await client.submit('SUBMIT_JOB_BG', name, '', name)
      }
      for (let count = 0; count < 3; count += 1) await worker.play(['GRAB_JOB'])
      await client.say('workers\n')
      for (let count = 0; count < 7; count += 1) await worker.play(['GRAB_JOB'])
      await client.say('workers\n')
      await client.submit('SUBMIT_JOB_BG', 'a', '', 'a')
      await worker.play(['PRE_SLEEP'], ['GRAB_JOB'])
      await client.say('workers\n')
    },
    { options: { roundRobin: true }, args: ['--round-robin'] },
  )

  parity('a lost worker gives its jobs back, and clients hear nothing', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const other = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    await other.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
    for (const data of ['1', '2', '3', '4']) await client.submit('SUBMIT_JOB', 'f', data, data)
    await worker.play(['GRAB_JOB'], ['GRAB_JOB'], ['GRAB_JOB'])
    await other.listen()
    await worker.leave()
    await client.listen()
    await client.say('status\nshow jobs\n')
    await other.listen()
    for (let count = 0; count < 5; count += 1) await other.play(['GRAB_JOB_UNIQ'])
  })

  parity('CANT_DO and RESET_ABILITIES give running jobs back', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'], ['CAN_DO', 'g'])
    for (const name of ['f', 'g', 'f']) await client.submit('SUBMIT_JOB', name, '', name)
    const replies = await worker.play(['GRAB_JOB'], ['GRAB_JOB'], ['GRAB_JOB'])
    await worker.play(['CANT_DO', 'f'], ['CANT_DO', 'unknown'])
    await client.say('status\nworkers\nshow jobs\n')
    await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'], ['RESET_ABILITIES'], ['GRAB_JOB'])
    await client.say('status\nworkers\nshow jobs\n')
    const handle = replies[0]?.kind === 'packet' ? (replies[0].args[0] ?? '') : ''
    await worker.play(['WORK_COMPLETE', handle, 'late'])
    await client.listen()
  })

  parity(
    'the retry limit ends a job with WORK_FAIL',
    async (stage) => {
      const client = await stage.connect()
      const handle = await client.submit('SUBMIT_JOB', 'f', '', 'x')
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const worker = await stage.connect()
        await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
        await worker.leave()
        await client.say('show jobs\n')
        await client.play(['GET_STATUS', handle])
      }
      await client.say('status\n')
    },
    { options: { jobRetries: 2 }, args: ['--job-retries=2'] },
  )

  parity('a function registered twice counts twice', async (stage) => {
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'], ['CAN_DO', 'g'], ['CAN_DO', 'f'])
    await worker.say('status\nworkers\n')
    await worker.play(['CANT_DO', 'f'])
    await worker.say('status\nworkers\n')
  })
})

describeParity('coalescing, as gearmand does it', () => {
  parity('by function and unique id, not by function alone', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await client.play(['SUBMIT_JOB_BG', 'f', 'u', '1'], ['SUBMIT_JOB_HIGH_BG', 'f', 'u', '2'])
    await client.play(['SUBMIT_JOB_BG', 'g', 'u', '3'], ['SUBMIT_JOB_BG', 'f', 'U', '4'])
    await client.play(['SUBMIT_JOB_BG', 'f', '', '5'], ['SUBMIT_JOB_BG', 'f', '', '5'])
    await client.play(['GET_STATUS_UNIQUE', 'u'], ['GET_STATUS_UNIQUE', ''])
    await client.say('show unique jobs\nshow jobs\nstatus\nprioritystatus\n')
    await worker.play(['CAN_DO', 'f'])
    for (let count = 0; count < 5; count += 1) await worker.play(['GRAB_JOB_UNIQ'])
    await client.play(['SUBMIT_JOB', 'f', 'u', 'joins the running one'])
    await client.play(['GET_STATUS_UNIQUE', 'u'])
  })

  parity('by data for the unique id -', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await client.play(['SUBMIT_JOB_BG', 'f', '-', 'same'], ['SUBMIT_JOB_BG', 'f', '-', 'same'])
    await client.play(['SUBMIT_JOB_BG', 'f', '-', 'other'], ['SUBMIT_JOB_BG', 'g', '-', 'same'])
    await client.play(['SUBMIT_JOB_BG', 'f', '-', ''], ['SUBMIT_JOB_BG', 'f', '-', ''])
    await client.play(['SUBMIT_JOB_BG', 'f', 'same', ''])
    await client.play(['SUBMIT_JOB_BG', 'f', '-', 'x'.repeat(3000)])
    await client.play(['SUBMIT_JOB_BG', 'f', '-', 'x'.repeat(3000)])
    await client.play(['GET_STATUS_UNIQUE', '-'])
    await client.say('show unique jobs\nshow jobs\n')
    await worker.play(['CAN_DO', 'f'])
    for (let count = 0; count < 7; count += 1) await worker.play(['GRAB_JOB_UNIQ'])
  })

  parity(
    'every attached client gets every packet, one that is attached twice gets it twice',
    async (stage) => {
      const one = await stage.connect()
      const two = await stage.connect()
      const worker = await stage.connect()
      const handle = await one.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await one.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await two.submit('SUBMIT_JOB', 'f', 'u', 'y')
      await two.play(['GET_STATUS_UNIQUE', 'u'])
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
      await worker.play(['WORK_DATA', handle, 'd'], ['WORK_WARNING', handle, 'w'])
      await worker.play(['WORK_STATUS', handle, '1', '2'])
      await one.listen()
      await two.listen()
      await two.leave()
      await one.play(['GET_STATUS_UNIQUE', 'u'])
      await worker.play(['WORK_COMPLETE', handle, 'r'])
      await one.listen()
    },
  )

  parity('one id in two functions: GET_STATUS_UNIQUE tells of the newest', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await client.play(['SUBMIT_JOB', 'f', 'u', ''], ['SUBMIT_JOB', 'f', 'u', ''])
    await client.play(['GET_STATUS_UNIQUE', 'u'])
    await client.play(['SUBMIT_JOB_BG', 'g', 'u', ''], ['GET_STATUS_UNIQUE', 'u'])
    await worker.play(['CAN_DO', 'g'], ['GRAB_JOB'])
    await client.play(['GET_STATUS_UNIQUE', 'u'])
  })
})

describeParity('wake-up, as gearmand does it', () => {
  parity('a sleeping worker gets one NOOP until it grabs', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const awake = await stage.connect()
    await awake.play(['CAN_DO', 'f'])
    await worker.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
    for (let count = 0; count < 3; count += 1) await client.submit('SUBMIT_JOB_BG', 'f', '', '')
    await worker.listen()
    await awake.listen()
    await worker.play(['GRAB_JOB'], ['PRE_SLEEP'])
    await worker.play(['GRAB_JOB'], ['GRAB_JOB'], ['GRAB_JOB'])
    await client.submit('SUBMIT_JOB_BG', 'f', '', '')
    await worker.listen()
    await worker.play(['PRE_SLEEP'])
  })

  parity('all sleeping workers of the function are woken, others are not', async (stage) => {
    const client = await stage.connect()
    const workers = [await stage.connect(), await stage.connect(), await stage.connect()]
    for (const [index, worker] of workers.entries()) {
      await worker.play(['CAN_DO', index === 2 ? 'g' : 'f'], ['PRE_SLEEP'])
    }
    await client.submit('SUBMIT_JOB_BG', 'f', '', '')
    for (const worker of workers) await worker.listen()
    for (const worker of workers) await worker.play(['GRAB_JOB'])
  })

  parity('a function registered in sleep counts for what comes later', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await client.submit('SUBMIT_JOB_BG', 'f', '', '1')
    await worker.play(['CAN_DO', 'g'], ['PRE_SLEEP'], ['CAN_DO', 'f'])
    await worker.listen()
    await client.submit('SUBMIT_JOB_BG', 'f', '', '2')
    await worker.listen()
  })

  parity(
    'worker-wakeup bounds how many are woken by a job',
    async (stage) => {
      const client = await stage.connect()
      const workers = [await stage.connect(), await stage.connect(), await stage.connect()]
      for (const worker of workers) await worker.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
      // Which one is woken is each server's own: the number is compared.
      const noops: number[] = []
      for (let count = 0; count < 4; count += 1) {
        await client.submit('SUBMIT_JOB_BG', 'f', '', '')
        let woken = 0
        for (const worker of workers) woken += (await worker.peer.sync()).length
        noops.push(woken)
      }
      await client.say(`${noops.join('.')}\n`)
    },
    { options: { workerWakeup: 1 }, args: ['--worker-wakeup=1'] },
  )

  parity('the NOOP comes before JOB_CREATED on one connection', async (stage) => {
    const peer = await stage.connect()
    await peer.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
    const handle = await peer.submit('SUBMIT_JOB', 'f', '', 'x')
    await peer.play(['GRAB_JOB'])
    await peer.play(['WORK_DATA', handle, '1'], ['WORK_COMPLETE', handle, '2'])
  })
})

describeParity('limits, as gearmand has them', () => {
  parity('unique ids of 63 bytes are taken, of 65 refused', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    for (const bytes of [63, 65, 200]) {
      await client.play(['SUBMIT_JOB', 'f', 'u'.repeat(bytes), 'x'])
      await client.play(['SUBMIT_JOB_BG', 'f', 'u'.repeat(bytes), 'x'])
      await client.play(['SUBMIT_JOB_EPOCH', 'f', 'u'.repeat(bytes), '0', 'x'])
    }
    await client.play(['SUBMIT_REDUCE_JOB', 'f', 'v', 'r'.repeat(64), '', 'x'])
    await client.play(['SUBMIT_REDUCE_JOB', 'f', 'w', 'r'.repeat(65), '', 'x'])
    await worker.play(['CAN_DO', 'f'], ['GRAB_JOB_ALL'], ['GRAB_JOB_ALL'], ['GRAB_JOB_ALL'])
  })

  parity('names may be any bytes', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const name = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
    await worker.play(['CAN_DO', name])
    await client.play(['SUBMIT_JOB', name, '\xff\xfe\x80', Buffer.from([0, 255, 128, 10])])
    await worker.play(['GRAB_JOB_UNIQ'])
    await client.play(['GET_STATUS_UNIQUE', '\xff\xfe\x80'])
    await client.play(['SUBMIT_JOB', '', 'empty', 'x'])
    await worker.play(['CAN_DO', ''], ['GRAB_JOB_UNIQ'])
  })

  parity('a function name of 8000 bytes works', async (stage) => {
    const peer = await stage.connect()
    await peer.play(['CAN_DO', 'n'.repeat(8000)])
    await peer.play(['SUBMIT_JOB', 'n'.repeat(8000), 'u', 'x'], ['GRAB_JOB'])
  })

  parity('maxqueue counts running jobs too, per priority of the newcomer', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    await client.say('maxqueue unknown 1\nmaxqueue f 2\n')
    await client.play(['SUBMIT_JOB', 'f', 'a', ''], ['SUBMIT_JOB_BG', 'f', 'b', ''])
    await client.play(['SUBMIT_JOB', 'f', 'c', ''], ['SUBMIT_JOB_HIGH', 'f', 'c', ''])
    await worker.play(['GRAB_JOB'])
    await client.play(['SUBMIT_JOB', 'f', 'a', ''], ['SUBMIT_JOB', 'f', 'c', ''])
    await client.say('maxqueue f 0 3\n')
    await client.play(['SUBMIT_JOB_HIGH', 'f', 'd', ''], ['SUBMIT_JOB', 'f', 'e', ''])
    await client.play(['SUBMIT_JOB_LOW', 'f', 'f', ''], ['SUBMIT_JOB_EPOCH', 'f', 'g', '0', ''])
    await client.say('maxqueue f 4 0 4\nmaxqueue unknown\n')
    await client.play(['SUBMIT_JOB_HIGH', 'f', 'h', ''], ['SUBMIT_JOB', 'f', 'i', ''])
    await client.play(['SUBMIT_JOB_LOW', 'f', 'j', ''], ['SUBMIT_REDUCE_JOB', 'f', 'k', '', '', ''])
    await client.say('maxqueue f\nmaxqueue f -1\nmaxqueue f 1x\n')
    await client.play(['SUBMIT_JOB_LOW', 'f', 'l', ''])
    await client.say('maxqueue f none\nmaxqueue F 1\nstatus\n')
    await client.play(['SUBMIT_JOB_LOW', 'f', 'm', ''])
    await client.say('maxqueue f 1 2\nMAXQUEUE f 99999999999\n')
    await client.play(['SUBMIT_JOB_LOW', 'f', 'n', ''])
  })

  parity('progress numbers are passed on as text and kept as 32 bits', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'])
    const handle = await client.submit('SUBMIT_JOB', 'f', '', '')
    await worker.play(['GRAB_JOB'])
    const pairs = [
      ['1', '100'],
      ['', ''],
      ['x5', '0.25'],
      ['-1', '+7'],
      ['4294967295', '4294967296'],
      [' 12', '12 '],
      ['007', '9999999999'],
      ['123456789012345678901234567890', '1'],
    ] as const
    for (const [numerator, denominator] of pairs) {
      await worker.play(['WORK_STATUS', handle, numerator, denominator])
      await client.play(['GET_STATUS', handle])
    }
  })

  parity('status of a handle ignores what stands behind a NUL', async (stage) => {
    const client = await stage.connect()
    const handle = await client.submit('SUBMIT_JOB', 'f', 'u', '')
    await client.play(['GET_STATUS', `${handle}\0`], ['GET_STATUS', `${handle}\0junk`])
    await client.play(
      ['GET_STATUS', ''],
      ['GET_STATUS', 'H:nowhere:1'],
      ['GET_STATUS', `${handle}0`],
    )
    await client.play(['GET_STATUS', `${handle.slice(0, -1)}0${handle.at(-1)}`])
    await client.play(['GET_STATUS_UNIQUE', 'u\0'], ['GET_STATUS_UNIQUE', 'u\0junk'])
    await client.play(['GET_STATUS_UNIQUE', ''], ['GET_STATUS_UNIQUE', 'unknown'])
  })

  parity('a worker name of 127 bytes is shown, the rest is cut', async (stage) => {
    const worker = await stage.connect()
    await worker.say('workers\n')
    await worker.play(['SET_CLIENT_ID', 'me'])
    await worker.say('workers\n')
    await worker.play(['SET_CLIENT_ID', 'with space'], ['CAN_DO', 'f'], ['CAN_DO', 'g h'])
    await worker.say('workers\n')
    await worker.play(['SET_CLIENT_ID', 'n'.repeat(128)])
    await worker.say('workers\n')
    await worker.play(['SET_CLIENT_ID', ''])
    await worker.say('workers\n')
  })
})

describeParity('jobs for later, as gearmand keeps them', () => {
  parity('a job that is due, or whose time is no number, runs at once', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    await worker.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
    for (const when of ['0', '', 'abc', '-5', '1', '12abc']) {
      await client.play(['SUBMIT_JOB_EPOCH', 'f', '', when, `at ${when}`])
    }
    await client.say('prioritystatus\nshow jobs\n')
    for (let count = 0; count < 7; count += 1) await worker.play(['GRAB_JOB'])
  })

  parity('a job for later is known, counted, and not given out', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const later = String(Math.floor(Date.now() / 1000) + 3600)
    await worker.play(['CAN_DO', 'f'])
    const handle = await client.submit('SUBMIT_JOB_EPOCH', 'f', 'u', later, 'x')
    await client.play(['GET_STATUS', handle], ['GET_STATUS_UNIQUE', 'u'])
    await client.submit('SUBMIT_JOB_EPOCH', 'f', 'u', '0', 'joins')
    await client.say('status\nprioritystatus\nshow jobs\n')
    await worker.play(['GRAB_JOB'], ['PRE_SLEEP'])
    await client.say(`cancel job ${handle}\n`)
  })
})

describeParity('text commands, as gearmand answers them', () => {
  parity('information', async (stage) => {
    const admin = await stage.connect()
    await admin.say('version\ngetpid\n')
    await admin.say('VERSION\r\nGetPid\r\n')
    await admin.say('verbose\n')
    await admin.say('status\nprioritystatus\nworkers\nshow jobs\nshow unique jobs\n')
    await admin.say('status x\nversion x y z\n')
  })

  parity('what is unknown or incomplete', async (stage) => {
    const admin = await stage.connect()
    for (const line of [
      '',
      ' ',
      'nonsense',
      'Non sense',
      ' version',
      '\tversion',
      'status\t',
      'version ',
    ]) {
      await admin.say(`${line}\n`)
      await admin.say(`${line}\r\n`)
    }
    for (const line of [
      'show',
      'show x',
      'show unique',
      'show unique x',
      'SHOW JOBS',
      'show jobs x',
      'Show Unique Jobs',
      'show unique jobs x',
    ]) {
      await admin.say(`${line}\n`)
    }
    for (const line of [
      'cancel',
      'cancel job',
      'cancel x y',
      'cancel job H:x:1',
      'CANCEL JOB nothing',
      'cancel x',
    ]) {
      await admin.say(`${line}\n`)
    }
    for (const line of [
      'create',
      'create function',
      'create x y',
      'drop',
      'drop function',
      'drop x y',
      'maxqueue',
    ]) {
      await admin.say(`${line}\r\n`)
    }
    for (const line of ['Create', 'CREATE FUNCTION', 'Drop X', 'MaxQueue'])
      await admin.say(`${line}\n`)
  })

  parity('functions are made and dropped', async (stage) => {
    const admin = await stage.connect()
    const worker = await stage.connect()
    await admin.say(
      'create function one\r\ncreate function one\r\nCREATE FUNCTION Two\r\nstatus\r\n',
    )
    await admin.say('drop function three\r\ndrop function ONE\r\nstatus\r\n')
    await worker.play(['CAN_DO', 'two'], ['CAN_DO', 'three'])
    await admin.say('drop function three\r\n')
    await worker.play(['RESET_ABILITIES'])
    await admin.say('drop function three\r\nstatus\r\n')
    await admin.play(['SUBMIT_JOB_BG', 'five', '', ''])
    await worker.play(['CAN_DO', 'five'], ['GRAB_JOB'])
    await admin.say('drop function five\r\nstatus\r\n')
  })

  parity('a queued job is cancelled', async (stage) => {
    const client = await stage.connect()
    const worker = await stage.connect()
    const handle = await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
    await client.say(`cancel job ${handle}\n`)
    await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
    await client.say('status\nshow jobs\n')
    await client.play(['GET_STATUS', handle])
  })

  parity('binary and text may be mixed on one connection', async (stage) => {
    const peer = await stage.connect()
    const mixed = [
      Buffer.from('version\n'),
      rawPacket('SUBMIT_JOB_BG', ['f', '', 'x']),
      Buffer.from('status\r\n'),
      rawPacket('GRAB_JOB'),
      Buffer.from('nonsense\n'),
    ]
    await peer.sendBytes(Buffer.concat(mixed))
  })
})
