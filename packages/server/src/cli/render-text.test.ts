import { describe, expect, test } from 'vitest'
import { createOutput } from './output.ts'
import { renderTable } from './render-table.ts'
import { renderText, renderValue } from './render-text.ts'

/** Text that moves the cursor, begins a line, or turns the text around. */
const hostile = 'a\u001b[2Jb\rc\nd\u009b31me\u007ff\u202eg\u2066h'
const shown = 'a?[2Jb?c?d?31me?f?g?h'

describe('text from elsewhere cannot control a terminal', () => {
  test.each([
    ['a value', renderValue(hostile), shown],
    ['a list', renderValue([hostile]), shown],
    ['a text', renderText(hostile), shown],
    ['a member', renderText({ name: hostile }), `name               ${shown}`],
    ['a list in a member', renderText({ names: [hostile] }), `names              ${shown}`],
    ['the name of a member', renderText({ [hostile]: 1 }), `${shown} 1`],
    [
      'a cell',
      renderTable([{ title: 'NAME', cell: (row: string) => row }], [hostile], 80),
      `NAME\n${shown}`,
    ],
  ])('%s', (_, rendered, expected) => {
    expect(rendered).toBe(expected)
  })

  test('a sentence keeps its line breaks only', () => {
    let written = ''
    const stderr = { write: (text: string) => (written += text) }
    const output = createOutput({ stdout: stderr, stderr }, false, {})
    output.complain('malformed', 'one\u001b[2J\r\ntwo\u202e')
    expect(written).toBe('one?[2J?\ntwo?\n')
  })
})
