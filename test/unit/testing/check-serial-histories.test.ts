import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkHistory } from '../../../src/testing/index'
import { DOCTORINGS } from '../../support/doctor-history'
import { serialHistory, type SerialStep } from '../../support/serial-history'

const step: fc.Arbitrary<SerialStep> = fc.record({
  device: fc.integer({ min: 1, max: 4 }),
  what: fc.constantFrom('write', 'write', 'write', 'delete', 'send', 'send', 'send', 'pull', 'pull'),
  records: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
})
const steps = fc.array(step, { minLength: 20, maxLength: 80, size: 'max' })

describe('the check of devices that take everything at once, of a store that takes groups whole', () => {
  it('finds nothing wrong', () => {
    fc.assert(fc.property(steps, (steps) => {
      expect(checkHistory(serialHistory(steps))).toEqual([])
    }), { numRuns: 300 })
  })

  it.each(DOCTORINGS)('finds it where $wrong', ({ doctor, kinds }) => {
    let places = 0
    fc.assert(fc.property(steps, (steps) => {
      const doctored = doctor(serialHistory(steps))
      if (!doctored) return
      places++
      expect(checkHistory(doctored).map(({ kind }) => kind)).toEqual(expect.arrayContaining([expect.toBeOneOf([...kinds])]))
    }), { numRuns: 200 })
    expect(places).toBeGreaterThan(50)
  })
})
