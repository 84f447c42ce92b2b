import { existsSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GearmanErrorCode, InvalidArgumentError } from 'gearman-sdk'
import {
  GearmanServer,
  type StoredJob,
  TokyocabinetStore,
  type TokyocabinetStoreOptions,
} from 'gearman-sdk/server'
import { beforeAll, describe, expect, test } from 'vitest'
import { GearmandFile } from '../../../../src/server/tokyocabinet/gearmand-file.ts'
import { recordKey, recordValue } from '../../../../src/server/tokyocabinet/job-record.ts'
import { type Library, loadLibrary } from '../../../../src/server/tokyocabinet/library.ts'
import { identityOf } from '../../../../src/server/tokyocabinet/take-over.ts'
import { TreeFile } from '../../../../src/server/tokyocabinet/tree-file.ts'
import { rejectionOf } from '../../../helpers/fixtures.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'
import { describeWithTokyocabinet } from '../../../helpers/tokyocabinet.ts'

interface Replayed {
  readonly jobs: readonly StoredJob[]
  readonly told: readonly string[]
}

/** What a server found, and what it was told. The store stays open. */
async function openStore(store: TokyocabinetStore): Promise<Replayed> {
  const told: string[] = []
  await store.open({
    owner: { hostname: 'test', pid: 1, since: new Date() },
    setAside: ({ row, reason }) => void told.push(`${row}: ${reason}`),
    notice: (message) => void told.push(message),
  })
  const jobs: StoredJob[] = []
  for await (const batch of store.replay()) jobs.push(...batch)
  return { jobs, told }
}

async function replayed(file: string): Promise<Replayed> {
  const store = new TokyocabinetStore({ file })
  const found = await openStore(store)
  await store.close()
  return found
}

const NOTHING = { added: [], updated: [], removed: [], highestKey: undefined } as const

function job(key: number, fields: Partial<StoredJob> = {}): StoredJob {
  return {
    key,
    functionName: 'f',
    unique: `u${key}`,
    reducer: '',
    priority: 1,
    data: Buffer.from(`data ${key}`),
    runAtEpochSeconds: 0,
    acceptedAtMs: 1,
    retries: 0,
    ...fields,
  }
}

describeWithTokyocabinet('the Tokyo Cabinet store', () => {
  let library: Library
  beforeAll(async () => {
    library = await loadLibrary()
  })

  describeStoreContract('it', () => {
    const file = join(useFolder(), 'queue.tch')
    const change = async (key: string, value: string): Promise<void> => {
      const tree = await TreeFile.open(library, `${file}.gearman-sdk`)
      await tree.write(new Map([[key, Buffer.from(value)]]))
      await tree.close()
    }
    return {
      createStore: () => new TokyocabinetStore({ file }),
      makeNewer: () => change('a version', '99'),
      addUnreadableRow: () => change('job 000000000000002a', '{}\n'),
    }
  })

  /** A file as gearmand writes it: Debian's has no support for it, so the bytes are written here. */
  async function writeGearmandFile(
    path: string,
    records: Readonly<Record<string, string>>,
  ): Promise<void> {
    const file = await GearmandFile.open(library, path, 'wct')
    for (const [key, value] of Object.entries(records)) {
      await file.put(key, Buffer.from(value, 'latin1'))
    }
    await file.finish()
  }

  async function readGearmandFile(path: string): Promise<Record<string, string>> {
    const file = await GearmandFile.open(library, path, 'r')
    const records: Record<string, string> = {}
    for (const { key, value } of file.records()) records[key] = value.toString('latin1')
    await file.close()
    return records
  }

  test.each(['queue.tch', 'queue.tcb'])("gearmand's %s is taken over once", async (name) => {
    const file = join(useFolder(), name)
    await writeGearmandFile(file, {
      'f-one': 'f\0one\x0010\0da\0ta',
      'g-h-': 'g-h\0\x0000\0',
      'f-three': 'f\0three\x0022000000000\0\xff',
      odd: 'nothing',
      'f-': 'f\0u\x0090\0x',
      '-u': '\0u\x0010\0x',
    })
    const { jobs, told } = await replayed(file)
    const byName = [...jobs].sort((a, b) => (a.unique < b.unique ? -1 : 1))
    expect(byName).toMatchObject([
      { functionName: 'g-h', unique: '', priority: 0, data: Buffer.alloc(0), runAtEpochSeconds: 0 },
      { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
      { functionName: 'f', unique: 'three', priority: 2, runAtEpochSeconds: 2_000_000_000 },
    ])
    const where = (key: string): string =>
      `record "${key}" of ${file}, now in ${file}.taken-over: it`
    expect([...told].sort()).toEqual(
      [
        `${where('odd')} is cut off`,
        `${where('f-')}s priority and time are no numbers`,
        `${where('-u')} has no function`,
        `3 jobs were taken over from gearmand's ${file}, which is now ${file}.taken-over`,
      ].sort(),
    )
    expect(existsSync(file)).toBe(false)
    expect(await replayed(file)).toEqual({ jobs, told: [] })
    renameSync(`${file}.taken-over`, file)
    expect((await replayed(file)).jobs).toHaveLength(6)
  })

  test('an export is a file for gearmand, and leaves what that cannot hold', async () => {
    const file = join(useFolder(), 'queue.tch')
    const store = new TokyocabinetStore({ file })
    await openStore(store)
    const added = [
      job(1, { priority: 2, data: Buffer.from([0, 255]), runAtEpochSeconds: 9_000_000_000 }),
      job(2, { unique: '' }),
      job(3, { reducer: 'sum' }),
      job(4, { functionName: 'f-u', unique: '1' }),
      job(5, { functionName: 'f', unique: 'u-1' }),
      job(6, { functionName: 'f'.repeat(4001) }),
    ]
    await store.commit({ ...NOTHING, added, highestKey: 60 })
    expect(await store.exportToGearmand()).toEqual({
      place: `file ${file}`,
      moved: 3,
      changed: [{ jobs: 1, reason: expect.stringContaining('unique id') }],
      kept: [
        { jobs: 1, reason: 'have a reducer, which gearmand does not keep' },
        { jobs: 1, reason: 'have the key of another one: task, hyphen, unique id' },
        { jobs: 1, reason: 'have a task name too long for gearmand' },
      ],
    })
    await store.close()
    const records = await readGearmandFile(file)
    expect(records['f-u1']).toBe('f\0u1\x0029000000000\0\0\xff')
    expect(records['f-u-1']).toBe('f-u\x001\x0010\0data 4')
    expect(Object.keys(records)).toHaveLength(3)
    expect(Object.keys(records)).toContainEqual(expect.stringMatching(/^f-[0-9a-f]{32}$/))

    const { jobs } = await replayed(file)
    expect(jobs.map(({ key }) => key).sort((a, b) => a - b)).toEqual([3, 5, 6, 61, 62, 63])
  })

  test('an export that was cut off moves no job twice', async () => {
    const file = join(useFolder(), 'queue.tch')
    const store = new TokyocabinetStore({ file })
    await openStore(store)
    await store.commit({ ...NOTHING, added: [job(1), job(2)] })
    await store.exportToGearmand()
    await store.close()
    // As if the jobs had not left our file yet, and the mark neither.
    const tree = await TreeFile.open(library, `${file}.gearman-sdk`)
    const mark = Buffer.from(identityOf(file))
    const records = [job(1), job(2)].map((one) => [recordKey(one.key), recordValue(one)] as const)
    await tree.write(new Map([...records, ['a known file', mark]]))
    await tree.close()
    const { jobs } = await replayed(file)
    expect(jobs.map(({ key }) => key)).toEqual([1, 2])
    expect(existsSync(file)).toBe(false)
  })

  test('two names of one file are one lock', async () => {
    const folder = useFolder()
    const first = new TokyocabinetStore({ file: join(folder, 'queue.tch') })
    await openStore(first)
    symlinkSync(join(folder, 'queue.tch.gearman-sdk'), join(folder, 'link.tch.gearman-sdk'))
    const error = await rejectionOf(
      openStore(new TokyocabinetStore({ file: join(folder, 'link.tch') })),
    )
    expect(error.message).toMatch(/^it is in use by test, process 1, since /)
    await first.close()
  })

  test('a file that is none of the library is one line, before the port opens', async () => {
    const file = join(useFolder(), 'queue.tch')
    const store = new TokyocabinetStore({ file })
    for (const [path, reason] of [
      [`${file}.gearman-sdk`, 'invalid meta data'],
      [file, 'cannot be opened'],
    ] as const) {
      writeFileSync(path, 'nothing like a database\n'.repeat(1000))
      const error = await rejectionOf(new GearmanServer({ port: 0, store }).listen())
      expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: `tokyocabinet ${file}` })
      expect(error.message).toContain(reason)
      rmSync(path)
    }
  })
})

describe('the options of a TokyocabinetStore', () => {
  test.each([[undefined], [{}], [{ file: 'queue' }], [{ file: 'a#b.tch' }], [{ file: 'a\0.tch' }]])(
    '%j are none',
    (options) => {
      expect(() => new TokyocabinetStore(options as unknown as TokyocabinetStoreOptions)).toThrow(
        InvalidArgumentError,
      )
    },
  )
})
