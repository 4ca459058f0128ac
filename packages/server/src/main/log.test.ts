import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { createLog, type LogLevel } from './log.ts'
import { readVersion } from './version.ts'

function linesOf(level: LogLevel, pretty: boolean): readonly string[] {
  const lines: string[] = []
  const log = createLog({ level, pretty, writeLine: (line) => void lines.push(line) })
  for (const name of ['debug', 'info', 'warn', 'error'] as const)
    log[name]({ client: 'shop', count: 3, none: undefined }, `a ${name} line`)
  return lines
}

it('writes lines of JSON with the name of the level, ISO time, service, version, host and pid', () => {
  const [line = ''] = linesOf('debug', false)
  expect(JSON.parse(line)).toEqual({
    level: 'debug',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u),
    service: 'countersign',
    version: readVersion(),
    host: hostname(),
    pid: process.pid,
    client: 'shop',
    count: 3,
    msg: 'a debug line',
  })
  expect(line.endsWith('}\n')).toBe(true)
})

it.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const)('the level %s writes %j', (level, written) => {
  const levels = linesOf(level, false).map((line) => JSON.parse(line).level)
  expect(levels).toEqual(written)
  expect(linesOf(level, true).map((line) => line.split(' ')[1])).toEqual(written)
})

it('says whether debug lines are written', () => {
  const writesDebug = (level: LogLevel) => createLog({ level, pretty: false }).writesDebug
  expect([writesDebug('info'), writesDebug('debug')]).toEqual([undefined, true])
})
