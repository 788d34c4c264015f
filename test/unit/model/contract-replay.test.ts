import { describe, expect, it } from 'vitest'
import { TraceChooser } from '../../model/contract/choose-traces'
import { REPLAYED_CASES } from '../../model/contract/small-contract-case'
import { replay } from '../../model/replay/replay'

const PATIENCE_MS = 30 * 60_000

/** How many traces are played, in all cases together. */
const TRACES = Number(process.env.OR3_REPLAYS ?? 100)

describe('traces of the contract\'s model on the real engine and the memory store', () => {
  it.each(REPLAYED_CASES.map((small, index) => ({ index, small })))('agree after every step, in case $index', async ({ index, small }) => {
    const chooser = new TraceChooser(index + 1)
    let cut = 0
    for (let count = 0; count < TRACES / REPLAYED_CASES.length; count++) {
      const { difference, isCut } = await replay(small, chooser)
      expect(difference).toBeNull()
      cut += Number(isCut)
    }
    expect(cut).toBeLessThan(TRACES / 50)
    const steps = [...chooser.taken.values()].reduce((sum, taken) => sum + taken, 0)
    console.log(`case ${index}: ${steps} steps of ${chooser.taken.size} kinds, ${cut} traces cut off`)
    const kinds = new Set([...chooser.taken.keys()].map(name => name.split(' ')[0]))
    for (const kind of expectedKinds(small)) expect(kinds).toContain(kind)
  }, PATIENCE_MS)
})

function expectedKinds({ losses, crashes, collections, rescans, restores }: typeof REPLAYED_CASES[number]): string[] {
  return [
    'write', 'arrive', 'settle', 'read', 'take',
    ...losses ? ['lose', 'resend'] : [], ...crashes ? ['crash', 'start'] : [], ...collections ? ['collect'] : [], ...rescans ? ['rescan'] : [], ...restores ? ['restore'] : [],
  ]
}
