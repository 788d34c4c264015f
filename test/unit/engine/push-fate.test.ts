import { describe, expect, it } from 'vitest'
import type { CollectedOp } from '../../../src/runtime/core/sync/push/collect-batch'
import { PushFate } from '../../../src/runtime/core/sync/push/push-fate'

const batch = (...keys: string[]) => keys.map(key => ({ key }) as CollectedOp)

describe('what an earlier session may have sent', () => {
  it('is in doubt until everything that waited was answered, however small the batches', () => {
    const fate = new PushFate({ isAlone: () => true, onTold: () => {} })
    fate.begin()
    fate.sent(batch('a'))
    fate.answered(batch('a'), { more: true })
    expect(fate.isOpen('b')).toBe(true)
    fate.sent(batch('b'))
    fate.answered(batch('b'), { more: false })
    expect(fate.isOpen('b')).toBe(false)
  })

  it('is in doubt no longer where nothing waits', () => {
    const fate = new PushFate({ isAlone: () => true, onTold: () => {} })
    fate.begin()
    fate.nothingToSend({ waiting: true })
    expect(fate.isOpen('a')).toBe(true)
    fate.nothingToSend({ waiting: false })
    expect(fate.isOpen('a')).toBe(false)
  })
})
