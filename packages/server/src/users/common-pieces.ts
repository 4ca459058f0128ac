import { commonWords, keyboardLines } from './common-words.ts'

/** The kind of a piece that makes a password easy to guess. */
export type PieceKind = 'word' | 'run' | 'keyboard' | 'digits' | 'service' | 'user' | 'domain'

/** A word that is easy to guess in one place: the name of the service, of the user or of a domain. */
export interface ContextWord {
  readonly kind: 'service' | 'user' | 'domain'
  readonly word: string
}

/** A piece of a text, from `start` on. */
interface Piece {
  readonly kind: PieceKind
  readonly length: number
}

/** Units: letters. A shorter run or walk may be chance. */
const runLengthMin = 3
/** Units: digits. A year has four. */
const digitsLengthMax = 4

const wordsByFirst = new Map(
  Array.from('abcdefghijklmnopqrstuvwxyz', (first) => [
    first,
    commonWords.filter((word) => word.startsWith(first)),
  ]),
)

const walks = keyboardLines.flatMap((line) => [line, Array.from(line).toReversed().join('')])

/** The signs that a guesser puts in the place of letters. Those that are no digits may also only separate. */
const written: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}

/**
 * Splits a text into the fewest guessable pieces; `undefined` where some part of it is none.
 * Units: `text` is folded, at most some 64 letters long, and has no separators.
 * Why: a guesser joins known pieces, so their count says how long the guess takes.
 */
export function splitIntoPieces(
  text: string,
  context: readonly ContextWord[],
): readonly PieceKind[] | undefined {
  const spelled = Array.from(text, (sign) => written[sign] ?? sign).join('')
  const best: (readonly PieceKind[] | undefined)[] = [[]]
  const keepFewer = (pieces: readonly PieceKind[], end: number) => {
    const known = best[end]
    if (known === undefined || known.length > pieces.length) best[end] = pieces
  }
  for (let start = 0; start < text.length; start += 1) {
    const before = best[start]
    if (before === undefined) continue
    if (written[text[start] ?? ''] !== undefined && !isDigit(text[start]))
      keepFewer(before, start + 1)
    for (const { kind, length } of piecesAt(text, spelled, start, context))
      keepFewer([...before, kind], start + length)
  }
  return best[text.length]
}

function piecesAt(
  text: string,
  spelled: string,
  start: number,
  context: readonly ContextWord[],
): readonly Piece[] {
  const pieces: Piece[] = []
  const addIfThere = (word: string, kind: PieceKind) => {
    if (text.startsWith(word, start) || spelled.startsWith(word, start))
      pieces.push({ kind, length: word.length })
  }
  for (const { word, kind } of context) addIfThere(word, kind)
  for (const first of new Set([text[start], spelled[start]]))
    for (const word of wordsByFirst.get(first ?? '') ?? []) addIfThere(word, 'word')
  for (let length = runLengthMin; length <= runLengthAt(text, start); length += 1)
    pieces.push({ kind: 'run', length })
  for (let length = runLengthMin; length <= walkLengthAt(text, start); length += 1)
    pieces.push({ kind: 'keyboard', length })
  for (let length = 1; length <= digitsLengthMax && isDigit(text[start + length - 1]); length += 1)
    pieces.push({ kind: 'digits', length })
  return pieces
}

/** The length of letters or digits that repeat, rise by one or fall by one, with `0` after `9` and `a` after `z`. */
function runLengthAt(text: string, start: number): number {
  let longest = 1
  for (const step of [0, 1, -1]) {
    let length = 1
    while (isStep(text[start + length - 1], text[start + length], step)) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyz'

function isStep(from: string | undefined, to: string | undefined, step: number): boolean {
  if (from === undefined || to === undefined) return false
  if (step === 0) return from === to
  const circle = [digits, letters].find((signs) => signs.includes(from) && signs.includes(to))
  if (circle === undefined) return false
  const distance = circle.indexOf(to) - circle.indexOf(from)
  return (distance - step) % circle.length === 0
}

/** The longest part of a line of a keyboard that begins here. */
function walkLengthAt(text: string, start: number): number {
  const first = text[start] ?? ''
  let longest = 0
  for (const line of walks) {
    for (let at = line.indexOf(first); at !== -1; at = line.indexOf(first, at + 1)) {
      let length = 1
      while (at + length < line.length && line[at + length] === text[start + length]) length += 1
      longest = Math.max(longest, length)
    }
  }
  return longest
}

function isDigit(sign: string | undefined): boolean {
  return sign !== undefined && sign >= '0' && sign <= '9'
}
