/** A clone stays clean when its owner runs `npm install`, and installs from whatever registry that owner has. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const FIELDS = [
  'name',
  'version',
  'license',
  'engines',
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
]

function readText(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
}

test('the lock file has what the manifest says, so that npm install changes nothing', () => {
  const manifest: Record<string, unknown> = JSON.parse(readText('package.json'))
  const lock: { packages: Record<string, Record<string, unknown>> } = JSON.parse(
    readText('package-lock.json'),
  )
  const pick = (from: Record<string, unknown> | undefined): unknown =>
    Object.fromEntries(FIELDS.map((field) => [field, from?.[field]]))
  expect(pick(lock.packages[''])).toEqual(pick(manifest))
})

test('the lock file holds no download addresses', () => {
  expect(readText('package-lock.json')).not.toContain('"resolved"')
})
