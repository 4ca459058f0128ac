// Starts a tool. Plain JavaScript, so that an older Node can read it and name the missing version.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `This project needs Node 24.15 or newer and found ${process.versions.node}: run "npm ci", which brings the pinned Node for most platforms, or install a newer Node.`,
  )
  process.exit(1)
}
const [, here, tool, ...rest] = process.argv
process.argv = [process.execPath, here, ...rest]
const { main } = await import(`./${tool}.ts`)
process.exitCode = await main(rest)
