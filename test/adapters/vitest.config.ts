import { defineConfig } from 'vitest/config'

const conditions = ['countersign-source', 'node', 'default']

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['*.test.ts'],
    pool: 'forks',
    execArgv: ['--conditions=countersign-source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
