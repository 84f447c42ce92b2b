import assert from 'node:assert/strict'
import { Inapplicable, type StoreCheck } from './store-check.ts'
import { assertJobs, jobOf } from './store-run.ts'

/** What opening and closing do. */
export const OPENING_CHECKS: readonly StoreCheck[] = [
  {
    name: 'a store has a name and says what it promises',
    check: async ({ fixture }) => {
      const { name, capabilities } = fixture.createStore()
      assert.match(name, /\S/)
      for (const key of ['isDurable', 'isAtomic', 'isExclusive'] as const) {
        assert.equal(typeof capabilities[key], 'boolean', key)
      }
    },
  },
  {
    name: 'a new store is empty',
    check: async (run) => {
      assert.deepEqual(await run.stored(), { jobs: [], highestKey: 0 })
      assert.deepEqual(await run.stored(), { jobs: [], highestKey: 0 })
    },
  },
  {
    name: 'one object may be opened again after it was closed',
    check: async (run) => {
      const store = run.fixture.createStore()
      for (const key of [1, 2, 3]) {
        const opened = await run.open(store)
        assert.equal((await run.replay(opened)).length, key - 1)
        await opened.commit({ added: [jobOf(key)] })
        await run.close(opened)
      }
      assert.equal((await run.stored()).jobs.length, 3)
    },
  },
  {
    name: 'a replay that is given up does not keep the store from being closed',
    check: async (run) => {
      await run.write({ added: Array.from({ length: 3000 }, (_, index) => jobOf(index + 1)) })
      const opened = await run.open()
      for await (const batch of opened.store.replay()) {
        assert(batch.length > 0)
        break
      }
      await run.close(opened)
      assert.equal((await run.stored()).jobs.length, 3000)
    },
  },
  {
    name: 'a second server is refused by name of the first, and welcome when that is gone',
    check: async (run) => {
      const first = await run.start()
      if (!first.store.capabilities.isExclusive)
        throw new Inapplicable('the store does not keep others out')
      await first.commit({ added: [jobOf(1)] })
      const second = run.fixture.createStore()
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        await assert.rejects(run.open(second), (error: Error) => {
          assert.match(error.message, new RegExp(run.owner.hostname.replaceAll('.', '\\.')))
          assert.match(error.message, new RegExp(`\\b${run.owner.pid}\\b`))
          return true
        })
      }
      await first.commit({ added: [jobOf(2)] })
      await run.close(first)
      assertJobs(await run.replay(await run.open(second)), [jobOf(1), jobOf(2)])
    },
  },
  {
    name: 'of two that open at the same time exactly one may',
    check: async (run) => {
      const stores = [run.fixture.createStore(), run.fixture.createStore()]
      if (stores[0]?.capabilities.isExclusive !== true)
        throw new Inapplicable('the store does not keep others out')
      const outcomes = await Promise.allSettled(stores.map((store) => run.open(store)))
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    },
  },
  {
    name: 'two queues may be opened at the same time in a place where there was none',
    check: async (run) => {
      const other = run.fixture.createOtherStore?.()
      if (other === undefined) throw new Inapplicable('the store has one queue only')
      const opened = await Promise.all([run.open(), run.open(other)])
      for (const store of opened) await store.commit({ added: [jobOf(1)] })
      for (const store of opened) await run.close(store)
      assertJobs((await run.stored()).jobs, [jobOf(1)])
    },
  },
  {
    name: 'two queues in one place do not see each other',
    check: async (run) => {
      const other = run.fixture.createOtherStore?.()
      if (other === undefined) throw new Inapplicable('the store has one queue only')
      const first = await run.start()
      const second = await run.open(other)
      assert.deepEqual(await run.replay(second), [])
      await first.commit({ added: [jobOf(1)], highestKey: 100 })
      await second.commit({ added: [jobOf(1, { unique: 'other' }), jobOf(2)] })
      await second.commit({ removed: [2], highestKey: 30 })
      await run.close(first)
      await run.close(second)
      assertJobs((await run.stored()).jobs, [jobOf(1)])
      const again = await run.open(run.fixture.createOtherStore?.())
      assertJobs(await run.replay(again), [jobOf(1, { unique: 'other' })])
      assert.equal(again.highestKey, 30)
    },
  },
  {
    name: 'a queue that a later version wrote is refused, and left as it is',
    check: async (run) => {
      if (run.fixture.makeNewer === undefined)
        throw new Inapplicable('the fixture cannot make a newer queue')
      await run.write({ added: [jobOf(1)] })
      await run.fixture.makeNewer()
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        await assert.rejects(run.open(), /version/i)
      }
    },
  },
  {
    name: 'what is no job is set aside with its reason, and the rest comes back',
    check: async (run) => {
      if (run.fixture.addUnreadableRow === undefined)
        throw new Inapplicable('the fixture has no unreadable row')
      await run.write({ added: [jobOf(1), jobOf(2)] })
      await run.fixture.addUnreadableRow()
      const opened = await run.start()
      assertJobs(opened.jobs, [jobOf(1), jobOf(2)])
      assert.equal(opened.setAside.length, 1)
      assert.match(opened.setAside[0]?.row ?? '', /\S/)
      assert.match(opened.setAside[0]?.reason ?? '', /\S/)
      await opened.commit({ added: [jobOf(3)] })
    },
  },
]
