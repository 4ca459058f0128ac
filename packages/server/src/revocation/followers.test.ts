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

/** Plays one turn of the event loop; `false` when none is scheduled. */
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

/** Adds followers, and records the events that each received. */
function addFollowers(count: number) {
  const received: number[][] = Array.from({ length: count }, () => [])
  const sends = received.map((mine) => (sent: SignedEvent) => void mine.push(sent.to))
  for (const send of sends) followers.add(send)
  return { received, sends, served: () => received.filter(({ length }) => length > 0).length }
}

describe('followers', () => {
  it('few receive an event at once', () => {
    const { received } = addFollowers(3)
    followers.publish(event(1))
    expect([received, turns.length]).toEqual([[[1], [1], [1]], 0])
  })

  it('many receive it in portions, one portion in a turn', () => {
    const { served } = addFollowers(portion * 3 + 1)
    followers.publish(event(1))
    const seen = [served()]
    while (playTurn()) seen.push(served())
    expect(seen).toEqual([portion, portion * 2, portion * 3, portion * 3 + 1])
  })

  it('each receives all events in order, and those that are published while others wait', () => {
    const { received } = addFollowers(portion * 4)
    followers.publish(event(1))
    playTurn()
    followers.publish(event(2))
    followers.publish(event(3))
    playTurn()
    followers.publish(event(4))
    playAll()
    followers.publish(event(5))
    playAll()
    expect(new Set(received.map(String))).toEqual(new Set(['1,2,3,4,5']))
  })

  it('a stream of events costs no more turns than two walks over the followers', () => {
    const { received } = addFollowers(portion * 4)
    for (let to = 1; to <= 100; to += 1) followers.publish(event(to))
    expect(playAll()).toBeLessThanOrEqual(9)
    expect(received.every(({ length }) => length === 100)).toBe(true)
  })

  it('a follower that is added while others wait receives only later events', () => {
    const { served } = addFollowers(portion * 2)
    followers.publish(event(1))
    const late: number[] = []
    followers.add(({ to }) => void late.push(to))
    playAll()
    followers.publish(event(2))
    playAll()
    expect([served(), late]).toEqual([portion * 2, [2]])
  })

  it('a removed follower receives nothing more, not even earlier events', () => {
    const { received, sends } = addFollowers(portion * 2)
    followers.publish(event(1))
    const [last] = sends.slice(-1)
    if (last !== undefined) followers.remove(last)
    playAll()
    expect([received.at(-2), received.at(-1)]).toEqual([[1], []])
  })

  it('a follower that leaves upon an event receives no other event of that turn', () => {
    addFollowers(portion)
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

  it('no follower receives an event after all were removed', () => {
    const { served } = addFollowers(portion * 2)
    followers.publish(event(1))
    followers.clear()
    playAll()
    expect([served(), turns.length]).toEqual([portion, 0])
  })
})
