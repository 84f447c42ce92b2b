import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Study } from '../../harness/study.ts'
import { drawGroup } from '../../report/bar-chart.ts'
import { readmeFigures, replaceFigures } from '../../report/readme-figures.ts'
import { latestOfSuite, readResults, resultPath, writeResultFile } from '../../report/results.ts'
import { resultsPage } from '../../report/results-page.ts'
import { CURVES } from '../growth/curves.ts'
import { plotCurve } from '../growth/plot-curve.ts'

const README = fileURLToPath(new URL('../../../README.md', import.meta.url))

/** Makes tables, pictures and the figures of the README from what was measured. */
export const report: Study = {
  name: 'report',
  title: 'tables and pictures in results/, and the figures of the README, from what was measured',
  run: async () => {
    const suite = latestOfSuite()
    const growth = readResults('growth')
    const pictures: string[] = []
    for (const group of new Set(suite.map((scenario) => scenario.group))) {
      const file = `${group.replaceAll(/[^a-z]+/g, '-')}.svg`
      const scenarios = suite.filter((scenario) => scenario.group === group)
      writeResultFile(file, await drawGroup(group, scenarios))
      pictures.push(file)
    }
    for (const curve of CURVES) {
      if (!growth.some(({ group }) => group === curve.name)) continue
      await plotCurve(curve)
      pictures.push(`growth-${curve.name}.svg`)
    }
    writeResultFile('README.md', resultsPage([...suite, ...growth], pictures))
    writeFileSync(README, replaceFigures(readFileSync(README, 'utf8'), readmeFigures(suite)))
    console.log(`${resultPath('README.md')}, ${pictures.length} pictures, README.md`)
  },
}
