/** Openers that hide the subject of a sentence. */
export const bannedOpeners: readonly string[] = ['what', 'who', 'whoever', 'whatever', 'those who']

interface BannedWord {
  readonly pattern: RegExp
  readonly instead: string
  /** Paths where the word is the right one. */
  readonly except?: RegExp
}

/** Words that a reader has to decode, and the words to write instead. */
export const bannedWords: readonly BannedWord[] = [
  { pattern: /\btold\b/iu, instead: 'say who learns it, or "distinguish"' },
  { pattern: /\banew\b/iu, instead: 'again' },
  { pattern: /\bstanding\b/iu, instead: 'name the state' },
  { pattern: /\bbeside\b/iu, instead: 'next to, and, or with' },
  { pattern: /\bwhom\b/iu, instead: 'name the person or the client' },
  { pattern: /\b(?:takes?|taken|took|taking) back\b/iu, instead: 'revoke' },
  { pattern: /\bthe hands of\b/iu, instead: 'say who has it' },
  { pattern: /\bdesks?\b/iu, instead: 'issuer verifier' },
  { pattern: /\bcrowd(?:s|ed)?\b/iu, instead: 'many requests at once' },
  { pattern: /\bbeats?\b/iu, instead: 'step, or heartbeat' },
  {
    pattern: /\bdoors?\b/iu,
    instead: 'endpoint, or listener',
    except: /^packages\/server\/src\/http\/|^ARCHITECTURE\.md$/u,
  },
  { pattern: /\bsightings?\b/iu, instead: 'seen before' },
  { pattern: /\bsentr(?:y|ies)\b/iu, instead: 'guard' },
]

/** Parts of names in code that say nothing. A name is split at its capital letters. */
export const bannedNameParts: ReadonlySet<string> = new Set([
  'room',
  'rooms',
  'desk',
  'desks',
  'crowd',
  'sightings',
  'surroundings',
  'needy',
])

/** The longest sentence of a document. */
export const sentenceWordsMax = 30

/** The longest bullet of the changelog. */
export const bulletWordsMax = 20
