/** The units of an age, the largest first. Units: seconds. */
const ageUnits = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Says an age in its largest unit, rounded down. */
export function sayAge(seconds: number): string {
  for (const [name, length] of ageUnits) {
    const count = Math.floor(seconds / length)
    if (count > 0) return `${count} ${name}${count === 1 ? '' : 's'}`
  }
  return `${seconds} second${seconds === 1 ? '' : 's'}`
}
