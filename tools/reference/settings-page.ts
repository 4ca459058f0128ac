import { loadConfig } from '../../packages/server/src/config/config.ts'
import {
  commandSecrets,
  settings,
  settingsFile,
  type Setting,
} from '../../packages/server/src/config/settings.ts'
import { allowedValues } from '../../packages/server/src/config/shapes.ts'
import { code, codes, madeBy, page, table } from './markdown.ts'

/** Makes the reference of the settings. */
export function settingsPage(): string {
  return page([
    '# Settings reference',
    `Every setting of the service. ${madeBy('the table of settings')}`,
    `A flag overrides the environment, and the environment overrides ${code(settingsFile)}. \`countersign config print\` shows each value and its source.`,
    table(
      ['setting', 'environment', 'flag', 'default', 'allowed', 'meaning'],
      settings.map((setting) => [
        code(setting.name),
        code(setting.environment),
        setting.flag === undefined ? 'none' : code(`--${setting.flag}`),
        defaultOf(setting),
        allowedOf(setting),
        `${setting.help.charAt(0).toUpperCase()}${setting.help.slice(1)}.`,
      ]),
    ),
    [
      `The name in the first column is also the key in ${code(settingsFile)}.`,
      'A list has commas between its values in the environment, and brackets in the file.',
    ].join(' '),
    '## Secrets',
    'A secret is read from the environment, or from the file that the variable with `_FILE` names. It has no flag, and it is refused in the file of settings.',
    table(
      ['secret', 'variable', 'variable with a file'],
      [
        ...settings.flatMap(({ name, environment, secret }) =>
          secret === true ? [[code(name), code(environment), code(`${environment}_FILE`)]] : [],
        ),
        ...Object.entries(commandSecrets).map(([name, variable]) => [
          `${code(name)} of a command`,
          code(variable),
          code(`${variable}_FILE`),
        ]),
      ],
    ),
    'Next: [the limits](limits.md) that have no setting.',
  ])
}

function defaultOf({ name }: Setting): string {
  const { config } = loadConfig({
    flags: {},
    environment: {},
    file: undefined,
    readFile: () => '',
  })
  const value: unknown = config[name]
  if (value === undefined) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : codes(value.map(String))
  return code(JSON.stringify(value).replaceAll('"', ''))
}

function allowedOf(setting: Setting): string {
  const words = allowedValues(setting.name)
  return setting.list === true ? `a list of ${words}` : words
}
