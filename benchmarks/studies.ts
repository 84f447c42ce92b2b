import type { Study } from './harness/study.ts'
import { encoders } from './studies/encoders/encoders.ts'
import { failover } from './studies/failover/failover.ts'
import { growth } from './studies/growth/growth.ts'
import { hostile } from './studies/hostile/hostile.ts'
import { idle } from './studies/idle/idle.ts'
import { leastLoad } from './studies/least-load/least-load.ts'
import { load } from './studies/load/load.ts'
import { persistence } from './studies/persistence/persistence.ts'
import { profile } from './studies/profile/profile.ts'
import { report } from './studies/report/report.ts'
import { shares } from './studies/shares/shares.ts'
import { suite, targets } from './studies/suite/suite.ts'

/** What `npm run bench -- NAME` can run. A new study is a folder in studies/ and a line here; the first one runs without a name. */
export const STUDIES: readonly Study[] = [
  suite,
  targets,
  growth,
  profile,
  report,
  load,
  shares,
  leastLoad,
  hostile,
  idle,
  persistence,
  failover,
  encoders,
]
