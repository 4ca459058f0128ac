import type { Call } from './command.ts'

type Opened<T> = typeof import('./open.ts').withOperator<T>
type Outcome = Parameters<Call['output']['conclude']>[0]

/** Opens the database, runs one operation and prints its outcome; gives the exit code. */
export async function operate(
  call: Pick<Call, 'flags' | 'environment' | 'output'>,
  work: Parameters<Opened<Outcome>>[1],
  how?: Parameters<Opened<Outcome>>[2],
): Promise<number> {
  const { withOperator } = await import('./open.ts')
  return call.output.conclude(await call.output.during(withOperator(call, work, how)))
}
