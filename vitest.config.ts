import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Three minutes for everything: a busy machine is not a failure.
const SLOW_TEST_TIMEOUT_MS = 180_000

const config: ViteUserConfig = defineConfig({
  resolve: {
    // The same names as in tsconfig.json "paths": tests and examples read like a user's code and
    // run from src, without a build.
    alias: [
      { find: /^gearman-sdk$/, replacement: fromHere('./src/index.ts') },
      { find: /^gearman-sdk\/server$/, replacement: fromHere('./src/server/index.ts') },
      { find: /^gearman-sdk\/testing$/, replacement: fromHere('./src/testing/index.ts') },
      { find: /^gearman-sdk\/msgpack$/, replacement: fromHere('./src/msgpack/index.ts') },
    ],
  },
  test: {
    coverage: { provider: 'v8', include: ['src/**/*.ts'], thresholds: { lines: 80 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: SLOW_TEST_TIMEOUT_MS,
          hookTimeout: SLOW_TEST_TIMEOUT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: SLOW_TEST_TIMEOUT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 }, // after the unit tests, one file at a time
          testTimeout: SLOW_TEST_TIMEOUT_MS,
          hookTimeout: SLOW_TEST_TIMEOUT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: SLOW_TEST_TIMEOUT_MS,
          hookTimeout: 3 * SLOW_TEST_TIMEOUT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
    ],
  },
})
export default config
