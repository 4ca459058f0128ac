import { join } from 'node:path'

/** The folder `bench/`. */
export const benchFolder = join(import.meta.dirname, '..')

/** The root of the project. */
export const repository = join(benchFolder, '..')

export const resultsFolder = join(benchFolder, 'results')
export const documentFile = join(repository, 'docs', 'benchmarks.md')
export const chartsFolder = join(repository, 'docs', 'benchmarks')

/** The flags with which a Node process runs our sources as they are. */
export const sourceFlags: readonly string[] = ['--conditions=countersign-source']
