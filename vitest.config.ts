import { defineConfig } from 'vitest/config'

const conditions = ['countersign-source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/runtimes/**'],
    pool: 'forks',
    execArgv: ['--conditions=countersign-source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
