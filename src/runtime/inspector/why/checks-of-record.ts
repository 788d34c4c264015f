import type { WhyFacts } from './why-facts'
import type { WhyStep } from './why-chain'

/** What is on this device of the record. */
export const checksOfRecord: readonly WhyStep[] = [
  {
    id: 'present', question: 'Is the record on this device?',
    ask: ({ row, tombstone, waiting, quarantined, sync, isTableFetched }) => {
      if (row) return { answer: 'yes', words: row.clock === undefined ? 'There is a row. It has no revision.' : `There is a row, revision ${row.clock}.` }
      if (tombstone) return { answer: 'yes', words: 'It was deleted here. A delete is synced like any other edit.' }
      if (waiting.length || quarantined) return { answer: 'yes', words: 'There is no row, but a change of it waits here.' }
      if (!sync.firstSyncDone || !isTableFetched) return { answer: 'no', outcome: 'waiting', words: 'It is not here yet: the table was not fetched in full so far.', cure: 'Wait for the first sync: the overview shows how far it is.' }
      return { answer: 'no', outcome: 'absent', words: 'There is no such record on this device, and no delete of one.', cure: 'Check the key: it is compared letter by letter. If another device has the record, ask "why" there, and check that both show the same workspace.' }
    },
  },
  {
    id: 'received', question: 'Was everything that the store sent of it applied?',
    ask: ({ quarantined }) => {
      if (!quarantined) return { answer: 'yes', words: 'Nothing of it is in quarantine.' }
      const { reason, error } = quarantined
      if (reason === 'schema') return { answer: 'no', outcome: 'stuck', words: `A change of another device fails this app's schema: ${error ?? 'no reason was noted'}.`, cure: 'Update this app\'s schema, or let the other device write the row again. It is tried again at every start and reconnect.' }
      if (reason === 'excluded') return { answer: 'no', outcome: 'stuck', words: 'A change of another device is kept out by this app\'s exclude, or by the blocklist of kv.', cure: 'Either the row here is private under a key that others use, or their device should not have sent it. Use another key, or change exclude.' }
      return { answer: 'no', outcome: 'waiting', words: 'A change of another device waits until the push of the own edit is answered.', cure: 'Nothing: it is applied with the answer.' }
    },
  },
  {
    id: 'shared', question: 'May it leave this device?',
    ask: ({ exclusion, tableName }) => {
      if (typeof exclusion === 'object') return { answer: 'no', outcome: 'stuck', words: `exclude failed: ${exclusion.error}. Until it answers, the row is not sent.`, cure: `Mend exclude of table "${tableName}" (it must be synchronous and must not throw), or the listener of sync.kv:blocklist.` }
      if (exclusion) return { answer: 'no', outcome: 'local', words: `exclude of table "${tableName}" keeps the row on this device.`, cure: 'Nothing, if that is intended. Otherwise change exclude, or the field that it looks at.' }
      return { answer: 'yes', words: 'It is not excluded.' }
    },
  },
  {
    id: 'captured', question: 'Was the write captured?',
    ask: ({ row, waiting, tombstone }) => {
      if (!row || row.op_id !== undefined || waiting.length || tombstone) return { answer: 'yes', words: 'It has a revision.' }
      return { answer: 'no', outcome: 'local', words: 'The row has no revision: it was written while nobody was signed in, by another tool, or while it was excluded.', cure: 'Write the row again: any put makes it an edit that is sent. For rows from before the sign-in, call adoptLocalData().' }
    },
  },
  {
    id: 'waiting', question: 'Is an edit of it in the outbox?',
    ask: facts => facts.waiting.length
      ? { answer: 'yes', words: `${countEdits(facts)} in the outbox.` }
      : { answer: 'yes', words: 'No edit waits: the store has acknowledged all of them.' },
  },
]

function countEdits({ waiting, pk }: WhyFacts): string {
  const count = waiting.reduce((sum, { ops }) => sum + ops.filter(op => op.pk === pk).length, 0)
  return count === 1 ? 'One edit waits' : `${count} edits wait; the newest is sent for all`
}
