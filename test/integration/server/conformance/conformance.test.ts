/**
 * Scripts of packets and text commands, played to gearmand 1.1.20 and to the bundled server: what comes back must
 * be the same, byte for byte. Each script has two servers to itself, so that nothing of another script shows.
 *
 * What the bundled server answers otherwise on purpose is in `../gearmand-differences.test.ts`.
 */

import { describeParity, parity } from '../parity-script.ts'
import { playSteps } from './play-steps.ts'
import { THEMES } from './themes.ts'

for (const { subject, scripts } of THEMES) {
  describeParity(subject, () => {
    for (const { name, steps, settings } of scripts) parity(name, playSteps(steps), settings)
  })
}
