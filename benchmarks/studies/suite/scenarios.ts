import type { Scenario } from '../../contestants/scenario.ts'
import { BUNDLED, GEARMAND, GEARMAND_T0 } from '../../contestants/server-kinds.ts'
import { LIBGEARMAN, NPM, OURS } from '../../peers/libraries.ts'
import {
  CLIENT_MEMORY,
  type GrouplessScenario,
  LIBRARIES,
  librariesOn,
  MORE_LIBRARY_SCENARIOS,
} from './library-scenarios.ts'
import { SERVER_SCENARIOS } from './server-scenarios.ts'

const GEARMANODE = NPM.filter(({ name }) => name.startsWith('gearmanode'))

/** All that the suite measures. */
export const SCENARIOS: readonly Scenario[] = [
  ...inGroup('libraries on gearmand', [...librariesOn(GEARMAND, '', LIBRARIES), CLIENT_MEMORY]),
  ...inGroup('more about libraries on gearmand', MORE_LIBRARY_SCENARIOS),
  ...inGroup(
    'libraries on gearmand -t 0',
    librariesOn(GEARMAND_T0, 't0-', [LIBGEARMAN, OURS, ...GEARMANODE]),
  ),
  ...inGroup(
    'libraries on the server of this package',
    librariesOn(BUNDLED, 'own-', [LIBGEARMAN, OURS]),
  ),
  ...inGroup('servers', SERVER_SCENARIOS),
]

function inGroup(group: string, scenarios: readonly GrouplessScenario[]): Scenario[] {
  return scenarios.map((scenario) => ({ ...scenario, group }))
}
