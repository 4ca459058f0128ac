import { defineConfig } from 'vitest/config'

const conditions = ['countersign-source', 'node', 'import', 'default']
const elsewhere = ['**/node_modules/**', '**/dist/**', 'test/runtimes/**', 'test/adapters/**']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    execArgv: ['--conditions=countersign-source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'house',
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
          include: ['test/docs/**/*.test.ts'],
          exclude: elsewhere,
          testTimeout: 120_000,
        },
      },
    ],
  },
})
