/** The things that our service of this bench knows before it starts. */
export interface PeopleSeed {
  /** Refreshes at the token endpoint, for the same resource as the sessions. */
  readonly machine: { readonly id: string; readonly secret: string }
  /** Calls the protected route of the service. */
  readonly caller: { readonly id: string; readonly secret: string }
}

export const peopleAudience = 'https://app.example'
export const peoplePassword = 'four ordinary words here'

/** The name of a user. All have the same password. */
export function nameOf(number: number): string {
  return `person${firstNumber + number}`
}

/** Keeps all ids and names at one length, so that their order is that of the numbers. */
export const firstNumber = 10_000_000
