/**
 * Where the bundled server differs from gearmand 1.1.20 on purpose. Each test holds both answers, so that
 * a difference which goes away, on either side, is noticed.
 */

import { rawPacket } from '../../helpers/raw-peer.ts'
import { describeParity, difference } from './parity-script.ts'

describeParity('work that gearmand loses', () => {
  difference(
    'a background submission joins a foreground job whose client leaves',
    'the accepted background job is kept',
    async (stage) => {
      const client = await stage.connect()
      const background = await stage.connect()
      const worker = await stage.connect()
      await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await background.submit('SUBMIT_JOB_BG', 'f', 'u', 'x')
      await client.leave()
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 JOB_CREATED "H1"', '#3 NO_JOB'],
      ours: ['#1 JOB_CREATED "H1"', '#2 JOB_CREATED "H1"', '#3 JOB_ASSIGN "H1" "f" "x"'],
    },
  )

  difference(
    'a foreground submission joins a background job, and its client leaves',
    'the accepted background job is kept',
    async (stage) => {
      const client = await stage.connect()
      const background = await stage.connect()
      const worker = await stage.connect()
      await background.submit('SUBMIT_JOB_BG', 'f', 'u', 'x')
      await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await client.leave()
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
    },
    {
      gearmand: ['#2 JOB_CREATED "H1"', '#1 JOB_CREATED "H1"', '#3 NO_JOB'],
      ours: ['#2 JOB_CREATED "H1"', '#1 JOB_CREATED "H1"', '#3 JOB_ASSIGN "H1" "f" "x"'],
    },
  )

  difference(
    'a submission comes after the last client of the same job left',
    'it is a job again, and runs',
    async (stage) => {
      const client = await stage.connect()
      const other = await stage.connect()
      const worker = await stage.connect()
      await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await client.leave()
      await other.say('status\n')
      await other.submit('SUBMIT_JOB', 'f', 'u', 'y')
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#2 "f\\t1\\t0\\t0\\n"',
        '#2 ".\\n"',
        '#2 JOB_CREATED "H1"',
        '#3 NO_JOB',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#2 "f\\t0\\t0\\t0\\n"',
        '#2 ".\\n"',
        '#2 JOB_CREATED "H2"',
        '#3 JOB_ASSIGN "H2" "f" "y"',
      ],
    },
  )

  difference(
    'a running job is abandoned, joined, and its worker dies',
    'the joining client gets its result',
    async (stage) => {
      const client = await stage.connect()
      const other = await stage.connect()
      const worker = await stage.connect()
      await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
      await client.leave()
      await other.submit('SUBMIT_JOB', 'f', 'u', 'y')
      await worker.leave()
      const next = await stage.connect()
      await next.play(['CAN_DO', 'f'], ['GRAB_JOB'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#3 JOB_ASSIGN "H1" "f" "x"',
        '#2 JOB_CREATED "H1"',
        '#4 NO_JOB',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#3 JOB_ASSIGN "H1" "f" "x"',
        '#2 JOB_CREATED "H1"',
        '#4 JOB_ASSIGN "H1" "f" "x"',
      ],
    },
  )

  difference(
    'a function with queued jobs is dropped',
    'its jobs are cancelled, and their clients told, instead of staying for ever',
    async (stage) => {
      const client = await stage.connect()
      const admin = await stage.connect()
      await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await admin.say('drop function f\n')
      await client.listen()
      await admin.say('show jobs\n')
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 "OK\\r\\n"', '#2 "H1\\t0\\t0\\t0\\n"', '#2 ".\\n"'],
      ours: ['#1 JOB_CREATED "H1"', '#2 "OK\\r\\n"', '#1 WORK_FAIL "H1"', '#2 ".\\n"'],
    },
  )

  difference(
    'a due job for later hides behind one that is not due',
    'jobs that are not due hide nothing',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'])
      const later = String(Math.floor(Date.now() / 1000) + 3600)
      await client.submit('SUBMIT_JOB_EPOCH', 'f', '', later, 'later')
      await client.submit('SUBMIT_JOB_LOW_BG', 'f', '', 'low')
      await worker.play(['GRAB_JOB'])
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#1 JOB_CREATED "H2"', '#2 NO_JOB'],
      ours: ['#1 JOB_CREATED "H1"', '#1 JOB_CREATED "H2"', '#2 JOB_ASSIGN "H2" "f" "low"'],
    },
  )

  difference(
    'a worker sleeps twice without a grab',
    'it is not forgotten',
    async (stage) => {
      const client = await stage.connect()
      const [slow, fast] = [await stage.connect(), await stage.connect()]
      await slow.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
      await fast.play(['CAN_DO', 'f'])
      await client.submit('SUBMIT_JOB_BG', 'f', '', '1')
      await fast.play(['GRAB_JOB'])
      await slow.play(['PRE_SLEEP'])
      await client.submit('SUBMIT_JOB_BG', 'f', '', '2')
      await slow.listen()
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#3 JOB_ASSIGN "H1" "f" "1"',
        '#2 NOOP',
        '#1 JOB_CREATED "H2"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#3 JOB_ASSIGN "H1" "f" "1"',
        '#2 NOOP',
        '#1 JOB_CREATED "H2"',
        '#2 NOOP',
      ],
    },
  )

  difference(
    'a sleeping worker gives up a running job',
    'others are woken, not itself',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await client.submit('SUBMIT_JOB_BG', 'f', '', '')
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
      await worker.play(['PRE_SLEEP'])
      await worker.play(['CANT_DO', 'f'])
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" ""', '#2 NOOP'],
      ours: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" ""'],
    },
  )

  difference(
    'jobs of a function that is registered twice are given back, with --round-robin',
    'the one that was assigned last goes first, whatever the registration',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      const next = await stage.connect()
      await worker.play(['CAN_DO', 'f'], ['CAN_DO', 'f'])
      for (const data of ['1', '2', '3']) await client.submit('SUBMIT_JOB_BG', 'f', '', data)
      await worker.play(['GRAB_JOB'], ['GRAB_JOB'], ['GRAB_JOB'])
      await worker.play(['CANT_DO', 'f'])
      await next.play(['CAN_DO', 'f'])
      for (let count = 0; count < 3; count += 1) await next.play(['GRAB_JOB'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#1 JOB_CREATED "H3"',
        '#2 JOB_ASSIGN "H1" "f" "1"',
        '#2 JOB_ASSIGN "H2" "f" "2"',
        '#2 JOB_ASSIGN "H3" "f" "3"',
        '#3 JOB_ASSIGN "H2" "f" "2"',
        '#3 JOB_ASSIGN "H3" "f" "3"',
        '#3 JOB_ASSIGN "H1" "f" "1"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#1 JOB_CREATED "H3"',
        '#2 JOB_ASSIGN "H1" "f" "1"',
        '#2 JOB_ASSIGN "H2" "f" "2"',
        '#2 JOB_ASSIGN "H3" "f" "3"',
        '#3 JOB_ASSIGN "H3" "f" "3"',
        '#3 JOB_ASSIGN "H2" "f" "2"',
        '#3 JOB_ASSIGN "H1" "f" "1"',
      ],
    },
    { options: { roundRobin: true }, args: ['--round-robin'] },
  )

  difference(
    'a job wakes one of several workers, with --worker-wakeup',
    'the one that sleeps the longest, not the next in order of registration',
    async (stage) => {
      const client = await stage.connect()
      const [first, second] = [await stage.connect(), await stage.connect()]
      await first.play(['CAN_DO', 'f'])
      await second.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
      await first.play(['PRE_SLEEP'])
      await client.submit('SUBMIT_JOB_BG', 'f', '', '')
      await first.listen()
      await second.listen()
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 NOOP'],
      ours: ['#1 JOB_CREATED "H1"', '#3 NOOP'],
    },
    { options: { workerWakeup: 1 }, args: ['--worker-wakeup=1'] },
  )

  difference(
    'the last client of a foreground job leaves',
    'the job is dropped at once',
    async (stage) => {
      const client = await stage.connect()
      const other = await stage.connect()
      const handle = await client.submit('SUBMIT_JOB', 'f', 'u', 'x')
      await client.leave()
      await other.say('status\nshow jobs\n')
      await other.play(['GET_STATUS', handle], ['GET_STATUS_UNIQUE', 'u'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#2 "f\\t1\\t0\\t0\\n"',
        '#2 ".\\n"',
        '#2 "H1\\t0\\t1\\t0\\n"',
        '#2 ".\\n"',
        '#2 STATUS_RES "H1" "1" "0" "0" "0"',
        '#2 STATUS_RES_UNIQUE "u" "1" "0" "0" "0" "0"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#2 "f\\t0\\t0\\t0\\n"',
        '#2 ".\\n"',
        '#2 ".\\n"',
        '#2 STATUS_RES "H1" "0" "0" "0" "0"',
        '#2 STATUS_RES_UNIQUE "u" "0" "0" "0" "0" "0"',
      ],
    },
  )

  difference(
    'a woken worker leaves without a grab, with --worker-wakeup',
    'another one is woken',
    async (stage) => {
      const client = await stage.connect()
      const workers = [await stage.connect(), await stage.connect()]
      for (const worker of workers) await worker.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
      await client.submit('SUBMIT_JOB_BG', 'f', '', '')
      const [first, second] = workers
      await first?.listen()
      await first?.leave()
      await second?.listen()
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 NOOP'],
      ours: ['#1 JOB_CREATED "H1"', '#2 NOOP', '#3 NOOP'],
    },
    { options: { workerWakeup: 1 }, args: ['--worker-wakeup=1'] },
  )

  difference(
    'several jobs of a CAN_DO_TIMEOUT function on one connection',
    'a timer for each',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      const clock = await stage.connect()
      await worker.play(['CAN_DO_TIMEOUT', 'f', '1000'])
      await clock.play(['CAN_DO_TIMEOUT', 'clock', '1000'])
      for (const name of ['f', 'f', 'clock']) await client.submit('SUBMIT_JOB', name, '', '')
      // In one write: both limits begin at once, on the slowest machine too.
      await worker.sendBytes(Buffer.concat([rawPacket('GRAB_JOB'), rawPacket('GRAB_JOB')]))
      await client.untilFailed(1)
      // Only now does the clock begin: the limit of the second job is over long before.
      await clock.play(['GRAB_JOB'])
      await client.untilFailed(3)
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#1 JOB_CREATED "H3"',
        '#2 JOB_ASSIGN "H1" "f" ""',
        '#2 JOB_ASSIGN "H2" "f" ""',
        '#1 WORK_FAIL "H1"',
        '#3 JOB_ASSIGN "H3" "clock" ""',
        '#1 WORK_FAIL "H3"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#1 JOB_CREATED "H3"',
        '#2 JOB_ASSIGN "H1" "f" ""',
        '#2 JOB_ASSIGN "H2" "f" ""',
        '#1 WORK_FAIL "H1"',
        '#3 JOB_ASSIGN "H3" "clock" ""',
        '#1 WORK_FAIL "H2"',
        '#1 WORK_FAIL "H3"',
      ],
    },
    { options: { jobRetries: 1 }, args: ['--job-retries=1'] },
  )

  difference(
    'a worker sleeps while it runs a job of a CAN_DO_TIMEOUT function',
    'the job still times out',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      const clock = await stage.connect()
      await worker.play(['CAN_DO_TIMEOUT', 'f', '1000'])
      await clock.play(['CAN_DO_TIMEOUT', 'clock', '1500'])
      for (const name of ['f', 'clock']) await client.submit('SUBMIT_JOB', name, '', '')
      // In one write: asleep before the limit can be over, on the slowest machine too.
      await worker.sendBytes(Buffer.concat([rawPacket('GRAB_JOB'), rawPacket('PRE_SLEEP')]))
      await clock.play(['GRAB_JOB'])
      await client.untilFailed(2)
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#2 JOB_ASSIGN "H1" "f" ""',
        '#3 JOB_ASSIGN "H2" "clock" ""',
        '#1 WORK_FAIL "H2"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        '#2 JOB_ASSIGN "H1" "f" ""',
        '#3 JOB_ASSIGN "H2" "clock" ""',
        '#1 WORK_FAIL "H1"',
        '#1 WORK_FAIL "H2"',
      ],
    },
    { options: { jobRetries: 1 }, args: ['--job-retries=1'] },
  )
})

describeParity('jobs for later', () => {
  difference(
    'a job for later is submitted while a worker sleeps',
    'the worker is woken when the job is due, not before',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'], ['PRE_SLEEP'])
      const later = String(Math.floor(Date.now() / 1000) + 3600)
      await client.submit('SUBMIT_JOB_EPOCH', 'f', '', later, 'later')
      await worker.listen()
    },
    { gearmand: ['#1 JOB_CREATED "H1"', '#2 NOOP'], ours: ['#1 JOB_CREATED "H1"'] },
  )
})

describeParity('what clients see', () => {
  difference(
    'an exception for a client that did not ask for it',
    'WORK_FAIL without a stray NUL',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'])
      const handle = await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await worker.play(['GRAB_JOB'])
      await worker.play(['WORK_EXCEPTION', handle, 'boom'])
      await client.listen()
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" "x"', '#1 WORK_FAIL "H1\\u0000"'],
      ours: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" "x"', '#1 WORK_FAIL "H1"'],
    },
  )

  difference(
    'a failure whose handle carries a NUL',
    'clients get the handle',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'])
      const handle = await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await worker.play(['GRAB_JOB'])
      await worker.play(['WORK_FAIL', `${handle}\0`])
      await client.listen()
    },
    {
      gearmand: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" "x"', '#1 WORK_FAIL "H1\\u0000"'],
      ours: ['#1 JOB_CREATED "H1"', '#2 JOB_ASSIGN "H1" "f" "x"', '#1 WORK_FAIL "H1"'],
    },
  )

  difference(
    'a running job is cancelled, and its worker goes on',
    'one final packet only',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'f'])
      const handle = await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await worker.play(['GRAB_JOB'])
      await worker.say(`cancel job ${handle}\n`)
      await client.listen()
      await worker.play(['WORK_COMPLETE', handle, 'late'])
      await client.listen()
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#2 JOB_ASSIGN "H1" "f" "x"',
        '#2 "OK\\r\\n"',
        '#1 WORK_FAIL "H1"',
        '#1 WORK_COMPLETE "H1" "late"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#2 JOB_ASSIGN "H1" "f" "x"',
        '#2 "OK\\r\\n"',
        '#1 WORK_FAIL "H1"',
      ],
    },
  )

  difference(
    'a queued job is cancelled twice',
    'it is gone the first time',
    async (stage) => {
      const client = await stage.connect()
      const handle = await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await client.say(`cancel job ${handle}\n`)
      await client.play(['GET_STATUS', handle])
      await client.say(`cancel job ${handle}\nstatus\n`)
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#1 WORK_FAIL "H1"',
        '#1 "OK\\r\\n"',
        '#1 STATUS_RES "H1" "1" "0" "0" "0"',
        '#1 WORK_FAIL "H1"',
        '#1 "OK\\r\\n"',
        '#1 "f\\t1\\t0\\t0\\n"',
        '#1 ".\\n"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#1 WORK_FAIL "H1"',
        '#1 "OK\\r\\n"',
        '#1 STATUS_RES "H1" "0" "0" "0" "0"',
        '#1 "ERR UNKNOWN_JOB\\r\\n"',
        '#1 "f\\t0\\t0\\t0\\n"',
        '#1 ".\\n"',
      ],
    },
  )

  difference(
    'a unique id of exactly 64 bytes',
    'it is whole, it coalesces, and the data are the data',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      const unique = 'u'.repeat(64)
      await client.play(['SUBMIT_JOB_BG', 'f', unique, 'A'], ['SUBMIT_JOB_BG', 'f', unique, 'B'])
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB_UNIQ'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H2"',
        `#2 JOB_ASSIGN_UNIQ "H1" "f" "${'u'.repeat(63)}" "\\u0000A"`,
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#1 JOB_CREATED "H1"',
        `#2 JOB_ASSIGN_UNIQ "H1" "f" "${'u'.repeat(64)}" "A"`,
      ],
    },
  )

  difference(
    'a unique id of more than 64 bytes for a reduce job',
    'it is refused as for any other job',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await client.play(['SUBMIT_REDUCE_JOB', 'f', 'u'.repeat(65), 'r', '', 'x'])
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB_ALL'])
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        `#2 JOB_ASSIGN_ALL "H1" "f" "${'u'.repeat(63)}" "r" "r\\u0000x"`,
      ],
      ours: ['#1 ERROR "ARGUMENT_TOO_LARGE" "Unique value too large"', '#2 NO_JOB'],
    },
  )

  difference(
    'create function with a bare line feed',
    'the name keeps its last letter',
    async (stage) => {
      const admin = await stage.connect()
      await admin.say('create function name\nstatus\n')
    },
    {
      gearmand: ['#1 "OK\\r\\n"', '#1 "nam\\t0\\t0\\t0\\n"', '#1 ".\\n"'],
      ours: ['#1 "OK\\r\\n"', '#1 "name\\t0\\t0\\t0\\n"', '#1 ".\\n"'],
    },
  )

  difference(
    'names with a tab and a line end in tables',
    'they do not forge columns and rows',
    async (stage) => {
      const worker = await stage.connect()
      await worker.play(['CAN_DO', 'a\tb\nc'])
      await worker.say('status\n')
    },
    {
      gearmand: ['#1 "a\\tb\\n"', '#1 "c\\t0\\t0\\t1\\n"', '#1 ".\\n"'],
      ours: ['#1 "a?b?c\\t0\\t0\\t1\\n"', '#1 ".\\n"'],
    },
  )

  difference(
    'more words than gearmand takes',
    'the connection stays',
    async (stage) => {
      const admin = await stage.connect()
      admin.peer.sendText('maxqueue f 1 2 3 4\nshow unique\n')
      await admin.untilClosedOrErr()
    },
    {
      gearmand: ['#1 Error: the connection was closed'],
      ours: ['#1 "OK\\r\\n"', '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"'],
    },
  )

  difference(
    'a packet that lacks an argument',
    'it is refused, and the connection goes on',
    async (stage) => {
      const client = await stage.connect()
      client.peer.send('SUBMIT_JOB', 'f', 'u')
      client.peer.send('SUBMIT_JOB', 'f', 'u', 'x'.repeat(100))
      client.peer.sendText('show unique\n')
      await client.untilClosedOrErr()
    },
    {
      gearmand: ['#1 Error: the connection was closed'],
      ours: [
        '#1 ERROR "INVALID_PACKET" "An argument of the packet is missing"',
        '#1 JOB_CREATED "H1"',
        '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
      ],
    },
  )

  for (const type of [0, 43, 44, 255, 256, 65_536, 2_147_483_647]) {
    difference(
      `a packet of type ${type}`,
      'it is refused, and the connection goes on',
      async (stage) => {
        const peer = await stage.connect()
        peer.peer.send(type)
        peer.peer.send(type, 'a', 'b')
        peer.peer.sendText('show unique\n')
        await peer.untilClosedOrErr()
      },
      {
        gearmand: ['#1 Error: the connection was closed'],
        ours: [
          '#1 ERROR "INVALID_COMMAND" "Command not expected"',
          '#1 ERROR "INVALID_COMMAND" "Command not expected"',
          '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
        ],
      },
    )
  }

  difference(
    'a packet of type 4294967295',
    'it is refused; gearmand dies of it',
    async (stage) => {
      const peer = await stage.connect()
      const other = await stage.connect()
      await other.listen()
      peer.peer.send(0xffff_ffff)
      peer.peer.sendText('show unique\n')
      await peer.untilClosedOrErr()
      other.peer.sendText('show unique\n')
      await other.untilClosedOrErr()
    },
    {
      gearmand: ['#1 Error: the connection was closed', '#2 Error: the connection was closed'],
      ours: [
        '#1 ERROR "INVALID_COMMAND" "Command not expected"',
        '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
        '#2 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
      ],
    },
  )

  difference(
    'a time limit of 20 digits',
    'it is refused; gearmand dies of it',
    async (stage) => {
      const peer = await stage.connect()
      const other = await stage.connect()
      await other.listen()
      peer.peer.send('CAN_DO_TIMEOUT', 'f', '9'.repeat(20))
      peer.peer.sendText('show unique\n')
      await peer.untilClosedOrErr()
      other.peer.sendText('show unique\n')
      await other.untilClosedOrErr()
    },
    {
      gearmand: ['#1 Error: the connection was closed', '#2 Error: the connection was closed'],
      ours: [
        '#1 ERROR "ARGUMENT_TOO_LARGE" "A number in the packet is too large"',
        '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
        '#2 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
      ],
    },
  )

  difference(
    'a limit of maxqueue over 2147483647',
    'it is no small one',
    async (stage) => {
      const client = await stage.connect()
      await client.say('create function f\r\nmaxqueue f 4294967297\n')
      await client.play(['SUBMIT_JOB_BG', 'f', '', ''], ['SUBMIT_JOB_BG', 'f', '', ''])
    },
    {
      gearmand: [
        '#1 "OK\\r\\n"',
        '#1 "OK\\r\\n"',
        '#1 JOB_CREATED "H1"',
        '#1 ERROR "QUEUE_ERROR" "Job queue is full"',
      ],
      ours: ['#1 "OK\\r\\n"', '#1 "OK\\r\\n"', '#1 JOB_CREATED "H1"', '#1 JOB_CREATED "H2"'],
    },
  )

  difference(
    'more than 255 job retries',
    'they are not cut to 8 bits',
    async (stage) => {
      const client = await stage.connect()
      const worker = await stage.connect()
      await client.submit('SUBMIT_JOB', 'f', '', 'x')
      await worker.play(['CAN_DO', 'f'], ['GRAB_JOB'])
      await worker.play(['CANT_DO', 'f'])
      await client.say('show jobs\n')
    },
    {
      gearmand: [
        '#1 JOB_CREATED "H1"',
        '#2 JOB_ASSIGN "H1" "f" "x"',
        '#1 WORK_FAIL "H1"',
        '#1 ".\\n"',
      ],
      ours: [
        '#1 JOB_CREATED "H1"',
        '#2 JOB_ASSIGN "H1" "f" "x"',
        '#1 "H1\\t1\\t0\\t0\\n"',
        '#1 ".\\n"',
      ],
    },
    { options: { jobRetries: 257 }, args: ['--job-retries=257'] },
  )

  difference(
    'a function name of more than 8192 bytes',
    'it is refused, and the connection goes on',
    async (stage) => {
      const worker = await stage.connect()
      worker.peer.send('CAN_DO', 'n'.repeat(8193))
      worker.peer.sendText('show unique\n')
      await worker.untilClosedOrErr()
    },
    {
      gearmand: ['#1 Error: the connection was closed'],
      ours: [
        '#1 ERROR "ARGUMENT_TOO_LARGE" "An argument of the packet is too large"',
        '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
      ],
    },
  )

  difference(
    'a line of more than 8192 bytes',
    'it is answered before the connection is closed',
    async (stage) => {
      const admin = await stage.connect()
      admin.peer.sendText(`status ${'x'.repeat(20_000)}`)
      await admin.untilClosed()
    },
    {
      gearmand: ['#1 Error: the connection was closed'],
      ours: ['#1 "ERR LINE_TOO_LONG\\r\\n"', '#1 Error: the connection was closed'],
    },
  )

  difference(
    'the version',
    'it says what it is, behind the version that it follows',
    async (stage) => {
      const admin = await stage.connect()
      admin.peer.sendText('version\n')
      const reply = await admin.peer.next()
      const isOurs = reply.kind === 'text' && /^OK 1\.1\.20 gearman-sdk\/\S+\n$/.test(reply.text)
      stage.note(`is ours: ${isOurs}`)
    },
    { gearmand: ['is ours: false'], ours: ['is ours: true'] },
  )

  difference(
    'shutdown',
    'it stops the server, as it did before 1.1.15',
    async (stage) => {
      const admin = await stage.connect()
      admin.peer.sendText('shutdown\nshow unique\n')
      await admin.untilClosedOrErr()
    },
    {
      gearmand: [
        '#1 "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\\r\\n"',
        '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"',
      ],
      ours: ['#1 "OK\\r\\n"', '#1 "ERR UNKNOWN_SHOW_ARGUMENTS\\r\\n"'],
    },
  )
})

describeParity('packets that gearmand does not have', () => {
  difference(
    'a client asks with OPTION_REQ `gearman-sdk`',
    'it may ask for results of background jobs',
    async (stage) => {
      const client = await stage.connect()
      await client.play(['OPTION_REQ', 'gearman-sdk'])
    },
    {
      gearmand: ['#1 ERROR "UNKNOWN_OPTION" "Server does not recognize given option"'],
      ours: ['#1 OPTION_RES "gearman-sdk"'],
    },
  )
})
