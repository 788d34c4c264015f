import { describe, expect, it } from 'vitest'
import { SendingRecords } from '#or3-sync/core/sync/tabs/sending-records'
import type { TabMessage } from '#or3-sync/core/sync/tabs/tab-channel'

describe('what tabs tell each other of a push', () => {
  function openRecords(id: string, locks: object | null = {}) {
    const told: TabMessage[] = []
    let changes = 0
    const records = new SendingRecords({ env: { uuid: () => id, locks: locks as never }, tell: message => told.push(message), onChanged: () => { changes++ } })
    return { records, told, changes: () => changes }
  }

  it('is nothing while no tab shows a state; then it begins with the push under way', () => {
    const { records, told } = openRecords('a')
    records.sends(['x'])
    expect(told).toEqual([])
    records.watchedElsewhere()
    records.sends([])
    expect(told).toEqual([{ type: 'sending', from: 'a', keys: ['x'] }, { type: 'sending', from: 'a', keys: [] }])
  })

  it('is asked for once, and again for a tab that has just come', () => {
    const { records, told } = openRecords('a')
    records.greet()
    expect(told).toEqual([])
    records.watch()
    records.watch()
    expect(told).toEqual([{ type: 'watch-sending' }])
    records.greet()
    expect(told).toHaveLength(2)
  })

  it('is forgotten when another tab sends, and when this one takes the lead', () => {
    const { records, told, changes } = openRecords('a')
    records.watchedElsewhere()
    records.received({ type: 'sending', from: 'b', keys: ['x'] })
    records.received({ type: 'sending', from: 'c', keys: ['y'] })
    expect([...records.keys]).toEqual(['y'])
    records.leads()
    expect([...records.keys]).toEqual([])
    expect(told).toEqual([{ type: 'sending', from: 'a', keys: [] }])
    expect(changes()).toBe(3)
  })

  it('is added up without Web Locks, where several tabs send', () => {
    const { records } = openRecords('a', null)
    records.sends(['x'])
    records.received({ type: 'sending', from: 'b', keys: ['y'] })
    records.received({ type: 'sending', from: 'c', keys: ['z'] })
    records.leads()
    expect([...records.keys]).toEqual(['x', 'y', 'z'])
    records.received({ type: 'sending', from: 'b', keys: [] })
    expect([...records.keys]).toEqual(['x', 'z'])
  })
})
