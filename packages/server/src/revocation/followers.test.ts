import { beforeEach, describe, expect, it } from 'vitest'
import { createFollowers, portion, type Followers } from './followers.ts'
import type { SignedEvent } from './recent-events.ts'

let turns: (() => void)[]
let followers: Followers

beforeEach(() => {
  turns = []
  followers = createFollowers((turn) => turns.push(turn))
})

const event = (to: number): SignedEvent => ({ after: to - 1, to, token: `t${to}` })

/** Plays one turn of the event loop; `false` when nothing waits for one. */
function playTurn(): boolean {
  const turn = turns.shift()
  turn?.()
  return turn !== undefined
}

function playAll(): number {
  let played = 0
  while (playTurn()) played += 1
  return played
}

/** Some who follow, and what each has heard. */
function crowd(count: number) {
  const heard: number[][] = Array.from({ length: count }, () => [])
  const sends = heard.map((mine) => (told: SignedEvent) => void mine.push(told.to))
  for (const send of sends) followers.add(send)
  return { heard, sends, informed: () => heard.filter(({ length }) => length > 0).length }
}

describe('followers', () => {
  it('few hear an event at once', () => {
    const { heard } = crowd(3)
    followers.publish(event(1))
    expect([heard, turns.length]).toEqual([[[1], [1], [1]], 0])
  })

  it('many hear it in portions, one in a turn', () => {
    const { informed } = crowd(portion * 3 + 1)
    followers.publish(event(1))
    const seen = [informed()]
    while (playTurn()) seen.push(informed())
    expect(seen).toEqual([portion, portion * 2, portion * 3, portion * 3 + 1])
  })

  it('each hears all events in order, those too that are published while others still wait', () => {
    const { heard } = crowd(portion * 4)
    followers.publish(event(1))
    playTurn()
    followers.publish(event(2))
    followers.publish(event(3))
    playTurn()
    followers.publish(event(4))
    playAll()
    followers.publish(event(5))
    playAll()
    expect(new Set(heard.map(String))).toEqual(new Set(['1,2,3,4,5']))
  })

  it('a stream of events costs a crowd no more turns than two walks', () => {
    const { heard } = crowd(portion * 4)
    for (let to = 1; to <= 100; to += 1) followers.publish(event(to))
    expect(playAll()).toBeLessThanOrEqual(9)
    expect(heard.every(({ length }) => length === 100)).toBe(true)
  })

  it('who comes while others still wait hears only what is published afterwards', () => {
    const { informed } = crowd(portion * 2)
    followers.publish(event(1))
    const late: number[] = []
    followers.add(({ to }) => void late.push(to))
    playAll()
    followers.publish(event(2))
    playAll()
    expect([informed(), late]).toEqual([portion * 2, [2]])
  })

  it('who leaves hears nothing more, even of what was published before', () => {
    const { heard, sends } = crowd(portion * 2)
    followers.publish(event(1))
    const [last] = sends.slice(-1)
    if (last !== undefined) followers.remove(last)
    playAll()
    expect([heard.at(-2), heard.at(-1)]).toEqual([[1], []])
  })

  it('who leaves upon an event is not told the next ones of the same turn', () => {
    crowd(portion)
    const mine: number[] = []
    const leave = ({ to }: SignedEvent) => {
      mine.push(to)
      followers.remove(leave)
    }
    followers.add(leave)
    followers.publish(event(1))
    followers.publish(event(2))
    playAll()
    expect(mine).toEqual([1])
  })

  it('nobody hears anything after all were let go', () => {
    const { informed } = crowd(portion * 2)
    followers.publish(event(1))
    followers.clear()
    playAll()
    expect([informed(), turns.length]).toEqual([portion, 0])
  })
})
