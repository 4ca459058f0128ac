import { settings, type Setting } from '../config/settings.ts'
import type { CommandOption } from './command.ts'
import { renderValue } from './render-text.ts'

/** The settings that have a flag, as options of a command; but for those that every command has. */
export const settingOptions: readonly CommandOption[] = settings.flatMap((setting) => {
  const { name, flag, isSwitch, help, environment } = setting
  if (flag === undefined || name === 'dataDir') return []
  const sentence = `${help.charAt(0).toUpperCase()}${help.slice(1)}.`
  const option = { name: flag, help: sentence, environment }
  if (isSwitch === true) return [option]
  return [{ ...option, value: 'value', loadFacts: () => settingFacts(setting) }]
})

/** Gives the allowed values and the default of a setting. */
async function settingFacts({ name, list }: Setting): Promise<string> {
  const { allowedValues } = await import('../config/shapes.ts')
  const { loadConfig } = await import('../config/config.ts')
  const nothing = { flags: {}, environment: {}, file: undefined, readFile: () => '' }
  const value: unknown = loadConfig(nothing).config[name]
  const allowed = `Allowed: ${allowedValues(name)}${list === true ? ', with commas' : ''}.`
  const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0)
  return isEmpty ? allowed : `${allowed} Default: ${renderValue(value)}.`
}
