import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Vitest hands these to Node as `--conditions`, where 'import' would give ESM to whoever calls require().
const conditions = ['countersign-source', 'node', 'default']
const elsewhere = ['**/node_modules/**', '**/dist/**', 'test/runtimes/**', 'test/adapters/**']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    // Two at least: much of the time goes into waiting for processes, sockets and disks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ['--conditions=countersign-source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most refusals in tests are meant, so the warnings of guards are left out.
    onConsoleLog: (text) =>
      !/^countersign: .*(?:\(docs\/why-was-i-refused\.md\)| is back after \d+ s)$/u.test(
        text.trimEnd(),
      ),
    // Counted where it is asked for, by the step "branches" of the whole test.
    coverage: {
      provider: 'v8',
      include: ['packages/jwt/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.samples.ts'],
      reporter: ['text-summary'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'house',
          globalSetup: ['test/postgres/global-setup.ts'],
          include: [
            'packages/*/src/**/*.test.ts',
            'test/**/*.test.ts',
            'tools/**/*.test.ts',
            'bench/method/**/*.test.ts',
          ],
          exclude: [...elsewhere, 'test/packages/**', 'test/docs/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['test/packages/**/*.test.ts'],
          exclude: elsewhere,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'docs',
          globalSetup: ['test/postgres/global-setup.ts', 'test/docs/global-setup.ts'],
          include: ['test/docs/**/*.test.ts'],
          exclude: elsewhere,
          testTimeout: 240_000,
        },
      },
    ],
  },
})
