import type { Study } from './harness/study.ts'
import { hostile } from './studies/hostile/hostile.ts'
import { idle } from './studies/idle/idle.ts'
import { load } from './studies/load/load.ts'
import { persistence } from './studies/persistence/persistence.ts'
import { scenarios } from './studies/scenarios/scenarios.ts'
import { shares } from './studies/shares/shares.ts'

/** What `npm run bench -- NAME` can run. A new study is a folder in studies/ and a line here; the first one runs without a name. */
export const STUDIES: readonly Study[] = [scenarios, load, shares, hostile, idle, persistence]
