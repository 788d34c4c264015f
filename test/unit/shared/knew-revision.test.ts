import { describe, expect, it } from 'vitest'
import { formatHlc, UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { knewRevision } from '#or3-sync/shared/sync/protocol/knew-revision'

const at = (clock: number, ms: number, node = 'ownnode0') => ({ clock, hlc: formatHlc({ ms, counter: 0, node }) })
const edit = { ...at(4, 40, 'nownode0'), base: at(1, 10), unheard: ['ownnode0'] }

describe('F11: whether an edit knew a revision', () => {
  it.each([
    ['its base', at(1, 10), true],
    ['an unheard edit of its own', at(2, 20), true],
    ['an unheard edit from before its clock was set back', at(3, 90), true],
    ['what stands at or below its base under its own node', at(1, 5), false],
    ['an edit of another', at(2, 20, 'theirs00'), false],
    ['what another has stamped with its node, above the edit', at(9, 50), false],
    ['the same, by its HLC alone', at(4, 41), false],
    ['a row that an upgrade made', { clock: 1, hlc: UPGRADED_HLC }, true],
    ['what another has stamped like such a row, above the edit', { clock: 9, hlc: UPGRADED_HLC }, false],
  ])('%s', (_, revision, knew) => {
    expect(knewRevision(edit, revision)).toBe(knew)
  })

  it('an edit stamped like a row that an upgrade made, with a higher clock, knows nothing by that', () => {
    expect(knewRevision({ clock: 9, hlc: UPGRADED_HLC, base: null }, at(2, 20))).toBe(false)
    expect(knewRevision({ clock: 1, hlc: UPGRADED_HLC, base: null }, at(2, 20))).toBe(true)
  })
})
