import type { WhyFacts } from './why-facts'
import type { WhyStep } from './why-chain'

/** Whether the store can be reached, in both directions. */
export const checksOfConnection: readonly WhyStep[] = [
  {
    id: 'reachable', question: 'Does the server answer?',
    ask: ({ sync }) => {
      if (sync.state === 'offline') return { answer: 'no', outcome: 'waiting', words: 'There is no answer: no network, or no server. Edits are kept.', cure: 'Nothing: it is tried again by itself, and at once when the network is back. If it stays, open /api/sync/health.' }
      if (sync.state === 'connecting') return { answer: 'no', outcome: 'waiting', words: 'The engine is connecting.', cure: 'Nothing, for some seconds. If it stays, look at the timeline for the errors of pulls.' }
      return { answer: 'yes', words: 'It does.' }
    },
  },
  {
    id: 'breaker', question: 'Does the circuit breaker let requests through?',
    ask: ({ breakers, waiting }) => {
      const ms = waiting.length ? breakers.push : breakers.pull
      return ms > 0
        ? { answer: 'no', outcome: 'waiting', words: `The store failed five times in a row, so nothing is asked for another ${Math.ceil(ms / 1_000)} s.`, cure: 'Look at the server\'s log. "Send now" sends one try at once.' }
        : { answer: 'yes', words: 'It does.' }
    },
  },
  {
    id: 'no-error', question: 'Does the store take requests?',
    ask: ({ sync, nextRetryAt, now }) => {
      if (sync.state !== 'error' || !sync.error) return { answer: 'yes', words: 'The last request had no error.' }
      const next = nextRetryAt === null ? '' : ` The next try is in ${Math.max(0, Math.ceil((nextRetryAt - now) / 1_000))} s.`
      return { answer: 'no', outcome: 'waiting', words: `The last request failed (${sync.error.code}): ${sync.error.message}.${next}`, cure: 'It is tried again by itself. The server\'s log says more; "Send now" tries at once.' }
    },
  },
  {
    id: 'level', question: 'Is this device up to date?',
    ask: (facts) => {
      if (!facts.sync.firstSyncDone) return { answer: 'no', outcome: 'waiting', words: `The first sync is under way${progress(facts)}.`, cure: 'Nothing: recent rows come first.' }
      if (!facts.isTableFetched) return { answer: 'no', outcome: 'waiting', words: `The table "${facts.tableName}" is new here and is being fetched.`, cure: 'Nothing: it is fetched by itself.' }
      return { answer: 'yes', words: `The feed is applied up to version ${facts.sync.cursor}.` }
    },
  },
  {
    id: 'sent', isOfEdit: true, question: 'Is it on its way?',
    ask: ({ isSending, nextRetryAt, now }) => {
      if (isSending) return { answer: 'yes', words: 'It is in a push under way.', ends: { outcome: 'waiting', verdict: 'It is being sent right now.' } }
      if (nextRetryAt === null) return { answer: 'yes', words: 'It goes with the next push.' }
      return { answer: 'no', outcome: 'waiting', words: `The last try failed. The next one is in ${Math.max(0, Math.ceil((nextRetryAt - now) / 1_000))} s.`, cure: 'Nothing: it is tried again by itself. "Send now" tries at once.' }
    },
  },
]

function progress({ sync }: WhyFacts): string {
  return sync.progress === null ? '' : ` (${Math.round(sync.progress * 100)} %)`
}
