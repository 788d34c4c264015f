import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FOLLOWING, PUSH_WAIT, PUSHING, SESSION } from '#or3-sync/core/sync/states/engine-states'
import { StateMachine, type Transitions } from '#or3-sync/core/sync/states/state-machine'

const PAGE = readFileSync(fileURLToPath(new URL('../../../docs/architecture.md', import.meta.url)), 'utf8')
const MACHINES: Record<string, Transitions> = { SESSION, FOLLOWING, PUSHING, PUSH_WAIT }

/** The drawing of a machine: an arrow for each event, from the state to where it leads. */
function draw(table: Transitions): string {
  const [first] = Object.keys(table)
  const arrows = Object.entries(table).flatMap(([state, events]) => Object.entries(events).map(([event, next]) => `  ${state} --> ${next}: ${event}`))
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...arrows, '```'].join('\n')
}

describe.each(Object.entries(MACHINES))('%s', (name, table) => {
  it('leads to states that there are, and to each of them', () => {
    const [first, ...others] = Object.keys(table)
    const targets = new Set(Object.values(table).flatMap(events => Object.values(events)))
    expect([...targets].filter(target => !(target in table))).toEqual([])
    expect(others.filter(state => !targets.has(state)), `reached from ${first}`).toEqual([])
  })

  it('is drawn in docs/architecture.md', () => {
    expect(PAGE, `the drawing of ${name} should be:\n${draw(table)}`).toContain(draw(table))
  })
})

describe('a state machine', () => {
  const LAMP = { off: { press: 'on' }, on: { press: 'off', burnOut: 'broken' }, broken: {} } as const
  const lamp = () => new StateMachine<typeof LAMP, { off: object, on: { since: number }, broken: object }>(LAMP, { name: 'off' })

  it('goes where the event leads, and knows there what it was told', () => {
    const machine = lamp()
    expect(machine.go('press', { since: 5 })).toBe(true)
    expect(machine.state).toEqual({ name: 'on', since: 5 })
    expect([machine.is('on'), machine.is('off')]).toEqual([true, false])
  })

  it('stays as it is at an event that its state does not react to', () => {
    const machine = lamp()
    expect(machine.go('burnOut', {})).toBe(false)
    expect(machine.state).toEqual({ name: 'off' })
    machine.go('press', { since: 1 })
    machine.go('burnOut', {})
    expect([machine.go('press', { since: 2 }), machine.state.name]).toEqual([false, 'broken'])
  })
})
