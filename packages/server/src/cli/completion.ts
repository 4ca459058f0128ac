import { commonOptions, defineCommand, type CommandGroup, type CommandOption } from './command.ts'

/** `countersign completion`. */
export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'Print the script that completes commands and options in a shell.',
  args: [{ name: 'shell', help: 'The shell.', choices: ['bash', 'zsh', 'fish'] }],
  examples: [
    'countersign completion bash > ~/.local/share/bash-completion/completions/countersign',
    'countersign completion zsh > ~/.countersign.zsh',
    'countersign completion fish > ~/.config/fish/completions/countersign.fish',
  ],
  run: async ({ args, output, table }) => {
    const places = await listPlaces(table)
    const script = { bash: renderBash, zsh: renderZsh, fish: renderFish }[args.shell](places)
    output.print({ script }, script)
    return 0
  },
})

/** One place of a command line, and the words that can come there. */
interface Place {
  /** The words before, as `clients add`. */
  readonly words: string
  readonly next: readonly { readonly word: string; readonly help: string }[]
  readonly options: readonly (CommandOption & { readonly values: readonly string[] })[]
}

async function listPlaces(table: readonly CommandGroup[]): Promise<readonly Place[]> {
  const groups = table.map(({ word, summary }) => ({ word, help: summary }))
  const places: Place[] = [{ words: '', next: groups, options: [] }]
  for (const { word, rows } of table) {
    const inside = rows.filter(({ name }) => name !== word)
    if (inside.length > 0) {
      const next = inside.map(({ name, summary }) => ({
        word: name.slice(word.length + 1),
        help: summary,
      }))
      places.push({ words: word, next, options: [] })
    }
    for (const { name, args = [], options = [] } of rows) {
      const next = (args[0]?.choices ?? []).map((choice) => ({ word: choice, help: '' }))
      const all = await Promise.all([...options, ...commonOptions].map(withValues))
      places.push({ words: name, next, options: all })
    }
  }
  return places
}

async function withValues(option: CommandOption) {
  const choices = option.choices ?? (await option.loadChoices?.()) ?? []
  const values = Array.isArray(choices) ? choices.map(String) : Object.keys(choices)
  return { ...option, values }
}

function renderBash(places: readonly Place[]): string {
  const rows = places.map(({ words, next, options }) => {
    const flags = options.map(({ name }) => `--${name}`)
    return `    '${words}') words='${[...next.map(({ word }) => word), ...flags].join(' ')}' ;;`
  })
  const values = places.flatMap(({ words, options }) =>
    options
      .filter((option) => option.values.length > 0)
      .map((option) => `    '${words} --${option.name}') words='${option.values.join(' ')}' ;;`),
  )
  const two = places.filter(({ words }) => words.includes(' ')).map(({ words }) => `'${words}'`)
  return `_countersign() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place='' words=''
  if [ "$COMP_CWORD" -gt 1 ]; then place=\${COMP_WORDS[1]}; fi
  if [ "$COMP_CWORD" -gt 2 ]; then
    case "$place \${COMP_WORDS[2]}" in ${two.join('|')}) place="$place \${COMP_WORDS[2]}" ;; esac
  fi
  case "$place" in
${rows.join('\n')}
  esac
  case "$place $before" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _countersign countersign`
}

function renderZsh(places: readonly Place[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${renderBash(places)}`
}

function renderFish(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, next, options }) => {
    const here = conditionOf(words, next)
    const deeper = words === '' || options.length === 0 ? here : conditionOf(words, [])
    return [
      ...next.map(({ word, help }) => `${complete} -n ${here} -f -a ${word} -d ${quoteFish(help)}`),
      ...options.map(({ name, value, help, values }) => {
        const given = values.length > 0 ? ` -xa ${quoteFish(values.join(' '))}` : ' -r'
        return `${complete} -n ${deeper} -l ${name} -d ${quoteFish(help)}${value === undefined ? '' : given}`
      }),
    ]
  })
  return lines.join('\n')
}

const complete = 'complete -c countersign'

/** The condition of fish under which a place is reached, and none of the next words was typed. */
function conditionOf(words: string, next: Place['next']): string {
  if (words === '') return '__fish_use_subcommand'
  const seen = words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  const typed = next.map(({ word }) => word).join(' ')
  const unseen = typed === '' ? [] : [`not __fish_seen_subcommand_from ${typed}`]
  return quoteFish([...seen, ...unseen].join('; and '))
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
