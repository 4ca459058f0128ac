import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { generationOf, type Answer, type Call } from './history.ts'
import type { Wire } from './wire.ts'

export interface Making {
  readonly wire: Wire
  readonly database: string
  readonly plant: 'none' | 'no-condition'
  /** How often a node is killed at a random moment. */
  readonly kills: number
  /** How long to go on when nothing is killed. */
  readonly seconds: number
  readonly lanes: number
}

/**
 * Runs two nodes on one database under load, kills them at random moments, and records the view of each
 * caller.
 */
export async function makeHistory({
  wire,
  database,
  plant,
  kills,
  seconds,
  lanes,
}: Making): Promise<readonly Call[]> {
  const nodes = [await startNode(wire, database, plant), await startNode(wire, database, plant)]
  const calls: Call[] = []
  let over = false
  const callers = Array.from({ length: lanes }, async () => {
    while (!over) await liveOneFamily(wire, nodes, calls, () => over)
  })
  if (kills === 0) await pause(seconds * 1000)
  for (let killed = 0; killed < kills; killed += 1) {
    await pause(50 + Math.random() * 200)
    await pick(nodes).kill()
  }
  over = true
  await Promise.all(callers)
  await Promise.all(nodes.map((node) => node.stop()))
  return calls
}

interface Node {
  port: number
  /** Kills it with signal 9 and starts another on the same database. */
  kill(): Promise<void>
  stop(): Promise<void>
}

async function startNode({ program }: Wire, database: string, plant: string): Promise<Node> {
  let child: ChildProcess
  async function start(): Promise<number> {
    const made = spawn(
      process.execPath,
      ['--conditions=countersign-source', program, database, plant],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    child = made
    const ended = once(made, 'exit').then(([code]) => {
      throw new Error(`a node ended by itself with code ${code}`)
    })
    const [line] = await Promise.race([
      once(createInterface({ input: made.stdout }), 'line'),
      ended,
    ])
    ended.catch(() => {})
    return Number(line)
  }
  const node: Node = {
    port: await start(),
    async kill() {
      await node.stop()
      node.port = await start()
    },
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
  return node
}

/** The life of one family: mostly honest refreshes, some doubled, some with an old token, some ended by their owner. */
async function liveOneFamily(
  wire: Wire,
  nodes: readonly Node[],
  calls: Call[],
  isOver: () => boolean,
): Promise<void> {
  const call = async (act: Call['act'], token: string): Promise<Answer> => {
    const startMs = performance.now()
    const answer = await send(wire, pick(nodes), act, token)
    const endMs = performance.now()
    const named = answer.kind === 'token' ? answer.token : token
    calls.push({ family: wire.familyOf(named), act, token, startMs, endMs, answer })
    return answer
  }
  const opened = await call('open', '')
  if (opened.kind !== 'token') return
  const known = [opened.token]
  const steps = 5 + Math.floor(Math.random() * 40)
  for (let step = 0; step < steps && !isOver(); step += 1) {
    const newest = known.at(-1) ?? ''
    const chance = Math.random()
    if (chance < 0.015) {
      await call('end', newest)
    } else if (chance < 0.04 && known.length > 2) {
      await call('refresh', known[Math.floor(Math.random() * (known.length - 2))] ?? '')
    } else {
      const uses = chance < 0.3 ? 3 : 1
      const answers = await Promise.all(Array.from({ length: uses }, () => call('refresh', newest)))
      for (const answer of answers) {
        if (answer.kind === 'token' && !known.includes(answer.token)) known.push(answer.token)
      }
      if (answers.some((answer) => answer.kind === 'refused')) return
    }
    known.sort((a, b) => generationOf(a) - generationOf(b))
  }
}

async function send(wire: Wire, node: Node, act: Call['act'], token: string): Promise<Answer> {
  try {
    return await wire.send(node.port, act, token)
  } catch (thrown) {
    if (thrown instanceof TypeError) throw thrown
    // Nobody listens while a node starts again.
    await pause(10)
    return { kind: 'unknown' }
  }
}

function pick<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)]
  if (one === undefined) throw new RangeError('nothing to pick from')
  return one
}
