#!/usr/bin/env node
// Plain JavaScript, so that an older Node can read it and say what is missing.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `countersign needs Node 24.15 or newer and found ${process.versions.node}: install a newer Node, or run it from the workspace, where "npm ci" brings one.`,
  )
  process.exit(1)
}
// A second start reads the compiled code of the first one. It is kept next to the program, where only its owner writes.
const { existsSync } = await import('node:fs')
const { enableCompileCache } = await import('node:module')
const { fileURLToPath } = await import('node:url')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/countersign', import.meta.url)))
const { main } = await import('#cli').catch((fault) => {
  if (fault.code !== 'ERR_MODULE_NOT_FOUND' || existsSync(new URL('../dist', import.meta.url)))
    throw fault
  console.error(
    'countersign is not built here: in its workspace use "npm run countersign -- <command>", or run "npm run build" first.',
  )
  process.exit(1)
})
process.exitCode = await main(process.argv.slice(2))
