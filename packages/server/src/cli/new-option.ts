/** The option of commands that may make a database. */
export const newOption = {
  name: 'new',
  help: 'Make the database where there is none yet.',
} as const
