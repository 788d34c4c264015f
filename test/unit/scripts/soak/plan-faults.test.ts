import { describe, expect, it } from 'vitest'
import { DEVICE_FAULTS, planFaults, SERVER_FAULTS } from '../../../../scripts/soak/faults/plan-faults'

describe('the faults of a soak', () => {
  it('are the same for the same seed', () => {
    expect(planFaults(7, 60, 4)).toEqual(planFaults(7, 60, 4))
    expect(planFaults(8, 60, 4)).not.toEqual(planFaults(7, 60, 4))
  })

  it.each([1, 2, 3, 4, 5])('are of every kind, even in a short run (seed %i)', (seed) => {
    expect(new Set(planFaults(seed, 12, 4).map(({ kind }) => kind))).toEqual(new Set([...SERVER_FAULTS, ...DEVICE_FAULTS]))
  })

  it('begin when the one before of the same device, or of the server, is over', () => {
    const plan = planFaults(3, 1_200, 11)
    expect(plan.length).toBeGreaterThan(300)
    for (const faults of Map.groupBy(plan, ({ device }) => device).values()) {
      for (const [index, { from }] of faults.entries()) if (index > 0) expect(from).toBeGreaterThan(faults[index - 1]!.to)
    }
  })

  it('set clocks within and beyond what the store accepts', () => {
    const offsets = planFaults(3, 1_200, 11).filter(({ kind }) => kind.endsWith('clock'))
    expect(offsets.some(({ offset }) => offset > 5 * 60_000)).toBe(true)
    expect(offsets.some(({ offset }) => offset < -5 * 60_000)).toBe(true)
    expect(offsets.filter(({ kind }) => kind === 'clock').every(({ offset }) => Math.abs(offset) < 5 * 60_000)).toBe(true)
  })
})
