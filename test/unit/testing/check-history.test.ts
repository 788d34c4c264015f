import { describe, expect, it } from 'vitest'
import { checkHistory, type Anomaly } from '../../../src/testing/index'
import { WrittenHistory } from '../../support/written-history'

const start = () => new WrittenHistory()
const found = ({ history }: WrittenHistory) => checkHistory(history)
const witness = ({ kind, transactions, records, text }: Anomaly) => ({ kind, transactions, records: [...records].sort(), text })

/** Each anomaly in the smallest history that has it, and the same history without it. */
describe('the check of a history', () => {
  describe('finds transactions that overwrote each other in a circle (G0)', () => {
    const written = () => start().does('one', { writes: ['a1', 'b2'] }).does('two', { writes: ['a2', 'b1'] }).excepts()

    it('which the store lets happen when it takes a group in parts', () => {
      const anomalies = found(written().commits('a1').commits('a2', 'b1').commits('b2'))
      expect(anomalies.filter(({ kind }) => kind === 'G0').map(witness)).toEqual([{
        kind: 'G0', transactions: ['one #1', 'two #1'], records: [], text: 'two #1 overwrote a@1 (a1) of one #1 by a@2 (a2); one #1 overwrote b@1 (b1) of two #1 by b@2 (b2)',
      }])
    })

    it('but not where each group is one commit, of which a part lost', () => {
      expect(found(written().commits('a1', 'b2').commits('a2'))).toEqual([])
    })
  })

  describe('finds a revision that no committed transaction wrote (G1a)', () => {
    it('on a device', () => {
      expect(found(start().does('one', { writes: ['a1'] }).does('two', { reads: ['a2'] })).map(witness)).toEqual([
        { kind: 'G1a', transactions: ['two #1'], records: ['a'], text: 'two #1 at 20 ms reads a@2 (a2), which no committed transaction wrote' },
      ])
    })

    it('in the store', () => {
      expect(found(start().does('one', { writes: ['a1'] }).commits('a2')).map(witness)).toEqual([
        { kind: 'G1a', transactions: ['the store #1'], records: ['a'], text: 'the store #1 at 20 ms reads a@2 (a2), which no committed transaction wrote' },
      ])
    })

    it('but not one that was written', () => {
      expect(found(start().does('one', { writes: ['a1'] }).does('two', { reads: ['a1'] }).commits('a1'))).toEqual([])
    })
  })

  describe('finds a revision that its own transaction had overwritten (G1b)', () => {
    const written = () => start().does('one', { writes: ['a1', 'b1', 'a2'] })

    it('in any reader', () => {
      expect(found(written().does('two', { reads: ['a1'] })).map(witness)).toEqual([
        { kind: 'G1b', transactions: ['two #1', 'one #1'], records: ['a'], text: 'two #1 at 20 ms reads a@1 (a1), which one #1 itself had overwritten by a@2 (a2)' },
      ])
    })

    it('but not the last one', () => {
      expect(found(written().does('two', { reads: ['a2', 'b1'] }))).toEqual([])
    })
  })

  describe('finds a circle of reading and overwriting (G1c)', () => {
    it('of two transactions that read from each other\'s past', () => {
      const anomalies = found(start().does('one', { writes: ['a1', 'b2'] }).does('two', { reads: ['a1'], writes: ['b1'] }).commits('a1').commits('b1').commits('b2'))
      expect(anomalies.filter(({ kind }) => kind === 'G1c').map(witness)).toEqual([{
        kind: 'G1c', transactions: ['one #1', 'two #1'], records: [], text: 'two #1 read a@1 (a1) of one #1; one #1 overwrote b@1 (b1) of two #1 by b@2 (b2)',
      }])
    })

    it('the smallest one where there are several', () => {
      const written = start()
        .does('one', { writes: ['a1', 'b2', 'c2'] })
        .does('six', { reads: ['a1'], writes: ['d1'] })
        .does('new', { reads: ['d1'], writes: ['c1'] })
        .does('two', { reads: ['a1'], writes: ['b1'] })
        .commits('a1').commits('d1').commits('c1').commits('b1').commits('c2').commits('b2')
      expect(found(written).filter(({ kind }) => kind === 'G1c').map(({ transactions }) => transactions)).toEqual([['one #1', 'two #1']])
    })

    it('but not where the group is one commit', () => {
      expect(found(start().does('one', { writes: ['a1', 'b2'] }).commits('a1', 'b2').does('two', { reads: ['a1'], writes: ['b3'] }).commits('b3'))).toEqual([])
    })
  })

  describe('finds a transaction that is seen in part (fractured read)', () => {
    const written = () => start().does('one', { writes: ['a1', 'b1'] }).does('one', { writes: ['a2', 'b2'] })
    const text = 'two #1 at 30 ms reads a@2 (a2) of one #2, but b@1 (b1) and not b@2 (b2) of the same transaction'

    it('in one read transaction', () => {
      expect(found(written().does('two', { reads: ['a2', 'b1'] })).map(witness)).toEqual([
        { kind: 'fractured read', transactions: ['two #1', 'one #2'], records: ['a', 'b'], text },
      ])
    })

    it('in reads of everything, of which only the changes are noted', () => {
      const anomalies = found(written().does('two', { readsAll: true, reads: ['a1', 'b1'] }).does('two', { readsAll: true, reads: ['b2'] }).does('two', { readsAll: true, reads: ['a2'] }))
      expect(anomalies.map(({ kind, transactions, at }) => [kind, transactions, at])).toEqual([['fractured read', ['two #2', 'one #2'], 40]])
    })

    it('in the store, when a group is more than one commit', () => {
      expect(found(written().commits('a1', 'b1').commits('b2').commits('a2')).map(({ kind, transactions }) => [kind, transactions])).toEqual([['fractured read', ['the store #2', 'one #2']]])
    })

    it('also by a record that is not there', () => {
      expect(found(start().does('one', { writes: ['a1', 'b1'] }).does('two', { reads: ['a1', 'b'] })).map(({ kind }) => kind)).toEqual(['fractured read'])
    })

    it('when the reader becomes consistent, if it was not before', () => {
      const anomalies = found(written().does('two', { readsAll: true, isConsistent: false, reads: ['a2', 'b1'] }).does('two', { readsAll: true }))
      expect(anomalies.map(({ kind, at }) => [kind, at])).toEqual([['fractured read', 40]])
    })

    it('when the reason for the exception is over', () => {
      const anomalies = found(written().does('two', { readsAll: true, reads: ['a2', 'b1'], excepted: ['b'] }).does('two', { readsAll: true }))
      expect(anomalies.map(({ kind, at }) => [kind, at])).toEqual([['fractured read', 40]])
    })

    it.each<[string, WrittenHistory]>([
      ['a record of the group was edited again, or beaten', written().does('six', { writes: ['b3'] }).does('two', { reads: ['a2', 'b3'] })],
      ['the whole group is seen', written().does('two', { reads: ['a2', 'b2'] })],
      ['nothing of the group is seen', written().does('two', { reads: ['a1', 'b1'] })],
      ['the records are read in two transactions', written().does('two', { reads: ['b1'] }).does('two', { reads: ['a2'] })],
      ['the reader is not consistent', written().does('two', { reads: ['a2', 'b1'], isConsistent: false })],
      ['nothing is promised to this reader of the record', written().does('two', { reads: ['a2', 'b1'], excepted: ['b'] })],
      ['nothing is promised of the revision', written().excepts('b2').does('two', { reads: ['a2', 'b1'] })],
      ['the group deleted the record, and the reader never had it', start().does('one', { writes: ['a1', 'b1x'] }).does('two', { reads: ['a1', 'b'] })],
      ['the record was deleted later, and the store says nothing of it to new devices', start().does('one', { writes: ['a1', 'b1'] }).commits('a1', 'b1').does('one', { writes: ['b2x'] }).commits('b2x').does('two', { reads: ['a1', 'b'] })],
    ])('but not where %s', (_, history) => {
      expect(found(history)).toEqual([])
    })
  })

  describe('finds that a session does not see what it wrote (read your writes)', () => {
    it('as an older revision', () => {
      expect(found(start().does('one', { writes: ['a1'] }).does('two', { writes: ['a2'] }).does('two', { reads: ['a1'], isConsistent: false })).map(witness)).toEqual([
        { kind: 'read your writes', transactions: ['two #2', 'two #1'], records: ['a'], text: 'two #2 at 30 ms reads a@1 (a1), although the same session had written a@2 (a2)' },
      ])
    })

    it('as nothing', () => {
      expect(found(start().does('two', { writes: ['a2'] }).does('two', { reads: ['a'] })).map(({ kind }) => kind)).toEqual(['read your writes'])
    })

    it('but not where it sees it, or what beat it', () => {
      expect(found(start().does('two', { writes: ['a1'] }).does('two', { reads: ['a1'] }).does('one', { writes: ['a2'] }).does('two', { reads: ['a2'] }))).toEqual([])
    })
  })

  describe('finds that a session goes back (monotonic reads)', () => {
    const written = () => start().does('one', { writes: ['a1'] }).does('one', { writes: ['a2'] })

    it('to an older revision', () => {
      expect(found(written().does('two', { reads: ['a2'], isConsistent: false }).does('two', { reads: ['a1'], isConsistent: false })).map(witness)).toEqual([
        { kind: 'monotonic reads', transactions: ['two #2', 'one #2'], records: ['a'], text: 'two #2 at 40 ms reads a@1 (a1), although the same session had read a@2 (a2)' },
      ])
    })

    it('but not in another session, to a delete, or where nothing is promised', () => {
      expect(found(written().does('two', { reads: ['a2'] }).does('six', { reads: ['a1'] }))).toEqual([])
      expect(found(written().commits('a2').does('two', { reads: ['a2'] }).does('one', { writes: ['a3x'] }).commits('a3x').does('two', { reads: ['a'] }))).toEqual([])
      expect(found(written().excepts('a2').commits('a1').commits('a2').restores('a1').does('two', { reads: ['a2'] }).does('two', { reads: ['a1'] }))).toEqual([])
    })
  })

  describe('finds edits of a device without what it had written before (monotonic writes)', () => {
    const written = () => start().does('one', { writes: ['a1'] }).does('one', { writes: ['b1'] })

    it('on a device', () => {
      expect(found(written().does('two', { reads: ['a', 'b1'] })).map(witness)).toEqual([
        { kind: 'monotonic writes', transactions: ['two #1', 'one #2', 'one #1'], records: ['a', 'b'], text: 'two #1 at 30 ms reads b@1 (b1) of one #2, but no a and not a@1 (a1): one #1 had written a@1 (a1)' },
      ])
    })

    it('in the store, when a device\'s edits arrive in another order', () => {
      expect(found(written().commits('b1').commits('a1')).map(({ kind, transactions }) => [kind, transactions])).toEqual([['monotonic writes', ['the store #1', 'one #2', 'one #1']]])
    })

    it.each<[string, WrittenHistory]>([
      ['both are seen', written().does('two', { reads: ['a1', 'b1'] })],
      ['only the first is seen', written().does('two', { reads: ['a1', 'b'] })],
      ['the reader is not consistent', written().does('two', { reads: ['a', 'b1'], isConsistent: false })],
      ['the first is held back', written().excepts('a1').does('two', { reads: ['a', 'b1'] })],
      ['the reader has set the first aside', written().does('two', { reads: ['a', 'b1'], excepted: ['a'] })],
    ])('but not where %s', (_, history) => {
      expect(found(history)).toEqual([])
    })
  })

  describe('finds edits of a device without what it had read before (writes follow reads)', () => {
    const written = () => start().does('one', { writes: ['a1'] }).does('two', { readsAll: true, reads: ['a1'] }).does('two', { readsAll: true, writes: ['b1'] })

    it('and says when it was read', () => {
      expect(found(written().does('six', { reads: ['a', 'b1'] })).map(witness)).toEqual([
        { kind: 'writes follow reads', transactions: ['six #1', 'two #2', 'two #1'], records: ['a', 'b'], text: 'six #1 at 40 ms reads b@1 (b1) of two #2, but no a and not a@1 (a1): two #1 had read a@1 (a1)' },
      ])
    })

    it('but not where that is seen, too', () => {
      expect(found(written().does('six', { reads: ['a1', 'b1'] }))).toEqual([])
    })
  })

  describe('finds edits without what led to them over several devices (causal order)', () => {
    const written = () => start()
      .does('one', { writes: ['a1'] })
      .does('two', { reads: ['a1'] }).does('two', { writes: ['b1'] })
      .does('six', { reads: ['b1'], writes: ['c1'] })

    it('and says the way', () => {
      expect(found(written().does('new', { reads: ['a', 'b1', 'c1'] })).map(witness)).toEqual([{
        kind: 'writes follow reads', transactions: ['new #1', 'two #2', 'two #1'], records: ['a', 'b'], text: 'new #1 at 50 ms reads b@1 (b1) of two #2, but no a and not a@1 (a1): two #1 had read a@1 (a1)',
      }])
      expect(found(written().does('new', { reads: ['a', 'c1'] })).map(witness)).toEqual([{
        kind: 'causal order', transactions: ['new #1', 'six #1', 'two #2', 'two #1'], records: ['a', 'c'],
        text: 'new #1 at 50 ms reads c@1 (c1) of six #1, but no a and not a@1 (a1): six #1 had read b@1 (b1), which two #2 wrote; two #1 had read a@1 (a1)',
      }])
    })

    it('also where each has read what the other wrote only later', () => {
      const anomalies = found(start().does('one', { reads: ['b1'] }).does('one', { writes: ['a1'] }).does('two', { reads: ['a1'] }).does('two', { writes: ['b1'] }))
      expect(anomalies.map(({ kind, transactions }) => [kind, transactions])).toEqual([['causal order', ['one #1', 'two #2']]])
    })

    it('but not where it is seen, too, or something newer', () => {
      expect(found(written().does('new', { reads: ['a1', 'b1', 'c1'] }))).toEqual([])
      expect(found(written().does('one', { writes: ['a2'] }).does('new', { reads: ['a2', 'b1', 'c1'] }))).toEqual([])
    })
  })

  it('reports each breach once, in the order of their times', () => {
    const anomalies = found(start()
      .does('one', { writes: ['a1', 'b1'] }).does('one', { writes: ['c1'] })
      .does('two', { readsAll: true, reads: ['a1'] }).does('two', { readsAll: true, reads: ['c1'] }).does('two', { readsAll: true, isConsistent: false }).does('two', { readsAll: true })
      .does('six', { reads: ['a1', 'b'] }))
    expect(anomalies.map(({ kind, session, at }) => [kind, session, at])).toEqual([['fractured read', 'two', 30], ['monotonic writes', 'two', 40], ['fractured read', 'six', 70]])
  })
})
