import { rm } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { copyProject, createReader, typeInClone, type Reader } from './reader.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The reader of all documents of this run, with a clone that was installed and packed. */
    readonly reader: Reader
    /** The output of `npm ci` in that clone. */
    readonly installed: string
  }
}

/** Clones, installs and packs the project once for all documents, with the machine's own Node. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const reader = createReader()
  // A removal that blocks lets Vitest believe that its worker does not end.
  const remove = () => rm(reader.place, { recursive: true, force: true })
  try {
    copyProject(reader)
    project.provide('installed', typeInClone(reader, 'npm ci'))
    typeInClone(reader, 'npm run pack')
    // The guides install the same packages. After this they find all of them in the cache of npm.
    typeInClone(
      reader,
      'mkdir ../once && npm install --prefix ../once ./packed/*.tgz && rm -r ../once',
    )
    project.provide('reader', reader)
  } catch (fault) {
    await remove()
    throw fault
  }
  return remove
}
