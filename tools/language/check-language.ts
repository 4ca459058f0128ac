import type { ProjectFile } from '../project-files.ts'
import { passagesOf } from './passages.ts'
import {
  bannedNameParts,
  bannedOpeners,
  bannedWords,
  bulletWordsMax,
  sentenceWordsMax,
} from './rules.ts'
import { scanSource, type Passage } from './scan-source.ts'
import { sentencesOf, wordCount, type Sentence } from './sentences.ts'

/** The list of banned words and its tests quote them. */
const quotesThem = /^tools\/language\/(?:rules|.*\.test)\.ts$/u

/** Finds sentences and names that break the language rules of the house. */
export function checkLanguage(files: readonly ProjectFile[]): readonly string[] {
  return files
    .filter(({ path }) => !quotesThem.test(path))
    .flatMap((file) => [...checkSentences(file), ...checkNames(file), ...checkChangelog(file)])
}

function checkSentences(file: ProjectFile): readonly string[] {
  return passagesOf(file).flatMap((passage) =>
    sentencesOf(passage).flatMap((sentence) =>
      faultsOf(file.path, passage, sentence).map(
        (fault) => `${file.path}:${sentence.line} ${fault}`,
      ),
    ),
  )
}

function faultsOf(path: string, { kind }: Passage, sentence: Sentence): readonly string[] {
  const faults = bannedWords
    .filter(({ pattern, except }) => pattern.test(sentence.text) && except?.test(path) !== true)
    .map(
      ({ pattern, instead }) =>
        `says "${pattern.exec(sentence.text)?.[0]}": write ${instead} (${sentence.text.slice(0, 60)})`,
    )
  const opener = openerOf(sentence)
  if (opener !== undefined)
    faults.push(
      `begins a sentence with "${opener}": begin with the thing (${sentence.text.slice(0, 60)})`,
    )
  const words = kind === 'document' ? wordCount(sentence.text) : 0
  if (words > sentenceWordsMax)
    faults.push(
      `has a sentence of ${words} words; the limit is ${sentenceWordsMax} (${sentence.text.slice(0, 60)})`,
    )
  return faults
}

/** Finds a banned opener. A question may begin with one. */
function openerOf({ text, first }: Sentence): string | undefined {
  if (text.endsWith('?')) return undefined
  const start = text.replace(/^[^\p{L}`]+/u, '')
  const opener = bannedOpeners.find((word) => new RegExp(`^${word}\\b(?!')`, 'iu').test(start))
  if (opener === undefined) return undefined
  return first || /^\p{Lu}/u.test(start) ? opener : undefined
}

function checkNames({ path, text }: ProjectFile): readonly string[] {
  if (!/\.[cm]?[jt]s$/u.test(path)) return []
  return scanSource(text)
    .code.split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/[\p{L}\p{N}_$]+/gu)]
        .filter(([name]) => partsOf(name).some((part) => bannedNameParts.has(part)))
        .map(([name]) => `${path}:${index + 1} has the name ${name}, which says nothing`),
    )
}

function partsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[ _$]+/u)
}

function checkChangelog({ path, text }: ProjectFile): readonly string[] {
  if (path !== 'CHANGELOG.md') return []
  return text.split('\n').flatMap((line, index) => {
    const words = line.startsWith('- ') ? wordCount(line.slice(2)) : 0
    if (words <= bulletWordsMax) return []
    return [`${path}:${index + 1} has a bullet of ${words} words; the limit is ${bulletWordsMax}`]
  })
}
