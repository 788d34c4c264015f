import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const SOURCE = ['test/unit/inspector/source.test.ts']
const HOST = ['test/unit/inspector/find-host.test.ts']
const LINK = ['test/unit/inspector/gateway-link.test.ts']

/** The inspector shows or changes what it should not, gets in the way of sync, or gives a wrong answer. */
export const INSPECTOR: readonly Mutant[] = [
  {
    id: 'inspector-a', bug: 'a lower role may open the inspector',
    file: 'src/runtime/inspector/bridge/may-inspect.ts', tests: HOST,
    replace: ['return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(least)', 'return role !== null'],
  },
  {
    id: 'inspector-b', bug: 'in production rows and the network can be changed',
    file: 'src/runtime/inspector/source/create-source.ts', tests: SOURCE,
    replace: ['if (!isDev) throw', 'if (Number.isNaN(0)) throw'],
  },
  ...inFile('src/runtime/inspector/source/make-report.ts', SOURCE, [
    {
      id: 'inspector-c', bug: 'a report names the user outside the engine\'s own part',
      replace: ['diagnosis ? diagnosis.withoutUser(report) : report', 'report'],
    },
    {
      id: 'inspector-d', bug: 'a report has the keys of waiting edits',
      replace: ['outbox.map(({ tableName, operation, state, attempts, code, error }) => ({ tableName,', 'outbox.map(({ tableName, pk, operation, state, attempts, code, error }) => ({ tableName, pk,'],
    },
  ]),
  {
    id: 'inspector-e', bug: 'the timeline keeps whatever an event brings',
    file: 'src/runtime/app/diagnosis/event-log.ts', tests: ['test/unit/inspector/timeline.test.ts'],
    replace: ['times: 1, details }', 'times: 1, details: { ...payload, ...details } }'],
  },
  ...inFile('src/runtime/inspector/network/gateway-link.ts', LINK, [
    {
      id: 'inspector-f', bug: 'a push that took too long looks like any other abort, so it is not made smaller',
      replace: ['request.abort(signal?.reason)', 'request.abort()'],
    },
    {
      id: 'inspector-g', bug: 'a stream that has ended counts as open',
      replace: ['this.#openStreams--', ''],
    },
    {
      id: 'inspector-h', bug: 'what is under way goes on when the network goes',
      replace: ['for (const request of [...this.#underWay]) request.abort()', ''],
    },
  ]),
  {
    id: 'inspector-i', bug: 'a page of its own finds itself and waits for itself',
    file: 'src/runtime/inspector/bridge/inspector-bridge.ts', tests: HOST,
    replace: ['frame === own ? undefined : bridgeOf(frame)', 'bridgeOf(frame)'],
  },
  {
    id: 'inspector-j', bug: 'checks that come after the answer are asked, and a later one replaces it',
    file: 'src/runtime/inspector/why/why-chain.ts', tests: ['test/unit/inspector/why-chain.test.ts'],
    replace: ['if (end || (isOfEdit && !facts.waiting.length))', 'if (isOfEdit && !facts.waiting.length)'],
  },
]
