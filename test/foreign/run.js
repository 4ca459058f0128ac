import { expectations } from './expectations.ts'
import { readFileSync } from 'node:fs'
import { groups, prepareGroup, runProgram, runSnippet } from './groups.js'
import { openedHere } from './nested.js'
import { startOwnIssuer } from './own-issuer.js'
import { startService } from './service.js'

// Runs one small program for each foreign library against a service, one language after the other.
// `--only npm,go` runs these languages; `--program jose` runs one program. Ends with `N passed, M failed`.
const chosen = optionOf('--only')?.split(',')
const program = optionOf('--program')
const count = { passed: 0, failed: 0 }

for (const group of groups) {
  const programs = expectations.filter(
    (row) => row.group === group.name && (program ?? row.program) === row.program,
  )
  if (programs.length > 0 && (chosen ?? [group.name]).includes(group.name))
    await runGroup(group, programs)
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1)

async function runGroup(group, programs) {
  console.log(`\n${group.name}`)
  const obstacle = prepareGroup(group)
  if (obstacle !== undefined) {
    for (const { library } of programs) console.log(`  not run: ${library}`)
    console.log(`  why: ${obstacle}`)
    return
  }
  const service = await startService()
  const environment = { FOREIGN_SETUP: service.file, NODE_EXTRA_CA_CERTS: service.certificate }
  try {
    for (const expectation of programs) {
      if (expectation.isSnippet) await compareSnippet(group, expectation, service)
      else await compare(group, expectation, environment, service)
    }
  } finally {
    await service.close()
  }
}

/** Prints and counts each row that is expected, and each row that nobody expects. */
async function compare(group, expectation, environment, service) {
  console.log(`  ${expectation.library}`)
  const { rows: printed, rest } = await runProgram(group, expectation.program, environment)
  const rows = await openTokens(printed, service)
  if (rows.has('unable')) {
    console.log(`    not run: ${rows.get('unable')}`)
    return
  }
  const expected = new Map(Object.entries(expectation.rows))
  for (const [name, want] of expected) report(name, want, rows.get(name) ?? `no such row ${rest}`)
  for (const [name, got] of rows) if (!expected.has(name)) report(name, 'no row', got)
}

/** Replaces each token that a program encrypted by the outcome of opening it here. */
async function openTokens(printed, { file }) {
  const setup = JSON.parse(readFileSync(file, 'utf8'))
  const rows = new Map()
  for (const [name, outcome] of printed) {
    const isToken = outcome.startsWith('token ')
    const opened = isToken ? await openedHere(setup, name, outcome.slice(6)) : [[name, outcome]]
    for (const [row, result] of opened) rows.set(row, result)
  }
  return rows
}

/** Gives the program of a page one token after the other: of the service, and of an issuer that signs anything. */
async function compareSnippet(group, { program: name, library, rows }, { file }) {
  console.log(`  ${library}, as on the page`)
  const { issuer, client, tokens } = JSON.parse(readFileSync(file, 'utf8'))
  const { audience, valid, tampered } = tokens.ES256
  const own = await startOwnIssuer()
  const cases = [
    { name: 'a token of the service', issuer, audience, token: valid, subject: client.id },
    { name: 'tampered', issuer, audience, token: tampered },
    { name: 'another audience', issuer, audience: 'https://other.example', token: valid },
    { name: 'no token', issuer, audience, token: '' },
    ...own.rows.map((row) => ({ ...row, subject: own.subject })),
  ]
  try {
    for (const one of cases)
      report(one.name, rows[one.name] ?? 'no row', await runSnippet(group, name, one))
  } finally {
    own.close()
  }
}

/** A row passes where both say ok, or where the refusal holds the text that is expected. */
function report(name, want, got) {
  const isRefusal = want !== 'ok' && got.startsWith('refused ')
  const passed = isRefusal ? got.includes(want) : got === want
  count[passed ? 'passed' : 'failed'] += 1
  const shown = passed ? want : `expected "${want}" and got "${got}"`
  console.log(`    ${passed ? 'ok  ' : 'FAIL'} ${name}: ${shown}`)
}

function optionOf(name) {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}
