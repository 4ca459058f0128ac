import { settings } from '../config/settings.ts'
import type { CommandOption } from './command.ts'

/** The settings that have a flag, as options of a command; but for those that every command has. */
export const settingOptions: readonly CommandOption[] = settings.flatMap(
  ({ name, flag, isSwitch, help, environment }) => {
    if (flag === undefined || name === 'dataDir') return []
    const sentence = `${help.charAt(0).toUpperCase()}${help.slice(1)}.`
    const option = { name: flag, help: sentence, environment }
    return [isSwitch === true ? option : { ...option, value: 'value' }]
  },
)
