import { hostile } from './hostile.ts'
import { idle } from './idle.ts'
import { load } from './load/load.ts'
import { persistence } from './persistence/persistence.ts'
import { shares } from './shares.ts'
import type { Study } from './study.ts'

/** What `npm run bench -- NAME` can run besides the scenarios. A new study is a file of its own and a line here. */
export const STUDIES: readonly Study[] = [load, shares, hostile, idle, persistence]
