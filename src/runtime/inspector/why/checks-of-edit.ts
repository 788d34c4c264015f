import { encodeRow, type EncodedRow } from '../../shared/sync/rows/encode-row'
import { validatePayload } from '../../shared/sync/rows/validate-payload'
import { refusalCure } from './refusal-cures'
import type { WhyFacts } from './why-facts'
import type { WhyStep } from './why-chain'

/** Whether the waiting edit may be sent. In the order in which the engine decides it when it collects a batch. */
export const checksOfEdit: readonly WhyStep[] = [
  {
    id: 'not-refused', isOfEdit: true, question: 'Was no edit of it refused?',
    ask: ({ waiting }) => {
      const failure = waiting.find(({ status }) => status === 'failed')?.failure
      if (!failure) return { answer: 'yes', words: 'It is not in the dead letter.' }
      return { answer: 'no', outcome: 'stuck', words: `It was refused (${failure.code}): ${failure.message}.`, cure: refusalCure(failure.code) }
    },
  },
  {
    id: 'may-write', isOfEdit: true, question: 'May the user write?',
    ask: ({ session }) => session?.role === 'viewer'
      ? { answer: 'no', outcome: 'stuck', words: 'The user is a viewer of this workspace. Edits from before that are not taken.', cure: refusalCure('READ_ONLY') }
      : { answer: 'yes', words: `A member with the role ${session?.role} may write.` },
  },
  {
    id: 'not-aside', isOfEdit: true, question: 'Does it go with the others?',
    ask: ({ waiting, pk }) => {
      const aside = waiting.flatMap(({ ops }) => ops).find(op => op.pk === pk && op.aside)?.aside
      if (!aside) return { answer: 'yes', words: 'It does not wait aside.' }
      return { answer: 'no', outcome: 'waiting', words: `It waits aside after ${aside.tries} tries of its own (${aside.code}): ${aside.message}.`, cure: 'Something between this device and the store refuses this one edit. Change the row, or let the proxy or firewall pass /api/sync/push. "Send now" tries at once.' }
    },
  },
  {
    id: 'not-held', isOfEdit: true, question: 'Does capture let it go?',
    ask: ({ waiting, tableName }) => waiting.some(({ status }) => status === 'held')
      ? { answer: 'no', outcome: 'waiting', words: `capture of table "${tableName}" holds it back.`, cure: 'Nothing, if that is intended: it goes once capture returns true for the row. Otherwise change capture, or the field that it looks at.' }
      : { answer: 'yes', words: 'It is not held.' },
  },
  {
    id: 'sendable', isOfEdit: true, question: 'Can the row be sent?',
    ask: (facts) => {
      const { encoded } = encode(facts)
      return encoded && 'error' in encoded
        ? { answer: 'no', outcome: 'stuck', words: `It has a value that cannot be sent: ${encoded.error}.`, cure: 'Write the row again without that value.' }
        : { answer: 'yes', words: encoded ? 'All its values can travel.' : 'A delete carries no row.' }
    },
  },
  {
    id: 'schema', isOfEdit: true, question: 'Does the row pass the schema?',
    ask: (facts) => {
      const { encoded } = encode(facts)
      const problem = encoded && 'payload' in encoded ? validatePayload(facts.table!, facts.pk, encoded.payload) : null
      return problem
        ? { answer: 'no', outcome: 'stuck', words: `The schema refuses it: ${problem}.`, cure: refusalCure('VALIDATION_ERROR') }
        : { answer: 'yes', words: encoded ? 'It passes.' : 'A delete is not checked.' }
    },
  },
  {
    id: 'size', isOfEdit: true, question: 'Is the row small enough?',
    ask: (facts) => {
      const { encoded } = encode(facts)
      if (!encoded || !('payload' in encoded)) return { answer: 'yes', words: 'A delete has no size.' }
      // Not by `utf8Length`: shared with the inspector it would be a file of its own, which every app loads with the engine.
      const [bytes, most] = [new TextEncoder().encode(JSON.stringify(encoded.payload)).length, facts.table!.maxBytes]
      return bytes > most
        ? { answer: 'no', outcome: 'stuck', words: `It has ${bytes.toLocaleString('en')} bytes of JSON; its table takes at most ${most.toLocaleString('en')}.`, cure: refusalCure('OVERSIZED') }
        : { answer: 'yes', words: `${bytes.toLocaleString('en')} of ${most.toLocaleString('en')} bytes.` }
    },
  },
]

/** The row as it would be sent. Null: the edit is a delete, or the row is gone. */
function encode({ table, row, pk, waiting }: WhyFacts): { encoded: EncodedRow | { error: string } | null } {
  const newest = waiting.flatMap(({ ops }) => ops).filter(op => op.pk === pk).at(-1)
  if (!table || !row || newest?.op === 'delete') return { encoded: null }
  try { return { encoded: encodeRow(row, { tableName: table.name, names: table }) } }
  catch (error) { return { encoded: { error: error instanceof Error ? error.message : String(error) } } }
}
