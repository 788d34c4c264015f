import type { Mutant } from './mutant.ts'

const SHARED = 'src/runtime/shared/sync'
const FORGED = ['test/unit/engine/forged-stamps.test.ts']
const KNEW = ['test/unit/shared/knew-revision.test.ts']
const BACKENDS = ['test/unit/server/backends.test.ts']
const LISTENERS = ['test/unit/server/pushed-listener.test.ts']
const STREAMS = ['test/unit/server/subscribe.test.ts']

/** A2: what another user can put into a stamp hides or beats edits. */
export const FORGED_STAMPS: readonly Mutant[] = [
  {
    id: 'forged-a', bug: 'the stamp of a row that an upgrade made is taken with any clock',
    file: `${SHARED}/store/read-op.ts`,
    replace: ['return upgradedProblem(stamp) ?? stamp', 'return stamp'],
    tests: FORGED,
  },
  {
    id: 'forged-b', bug: 'an edit counts as made by an upgrade by its HLC alone: it is older than purged deletions, and is taken',
    file: `${SHARED}/protocol/upgraded-stamp.ts`,
    replace: ['return hlc === UPGRADED_HLC && clock === UPGRADED_CLOCK', 'return hlc === UPGRADED_HLC'],
    tests: ['test/unit/server/fold-push.test.ts', ...KNEW],
  },
  {
    id: 'forged-c', bug: 'whatever is stamped with a device\'s node is taken for its own unheard edit',
    file: `${SHARED}/protocol/knew-revision.ts`,
    replace: ['isAboveBase(revision, base) && isBelow(revision, edit)', 'isAboveBase(revision, base)'],
    tests: [...KNEW, ...FORGED],
  },
  {
    id: 'forged-d', bug: 'a stream leaves out what another user has stamped with its reader\'s node',
    file: 'server/lib/stream/own-edits.ts',
    replace: ['if (userId !== this.userId) return', ''],
    tests: [...STREAMS, ...FORGED],
  },
  {
    id: 'forged-e', bug: 'a stream leaves out another record that has an op id of its reader',
    file: 'server/lib/stream/own-edits.ts',
    replace: ['return `${clock} ${hlc} ${opId} ${recordKey(tableName, pk)}`', 'return `${clock && hlc && recordKey(tableName, pk) && opId}`'],
    tests: STREAMS,
  },
  {
    id: 'forged-f', bug: 'a delete by another under the writer\'s node is not told to who repeats the put',
    file: `${SHARED}/store/fold-push.ts`,
    replace: ['return [this.#input.remembered, this.#answered].some(memories => memories.get(writer)?.has(fingerprint))', 'return fingerprint !== null'],
    tests: BACKENDS,
  },
]

/** C8: code of the app that never answers. */
export const HANGING_APP: readonly Mutant[] = [
  {
    id: 'hanging-a', bug: 'the answer to a push waits for the app\'s listener',
    file: 'server/lib/requests/tell-pushed.ts',
    replace: ['export function tellPushed(event: H3Event, { options, requests }: GatewayContext, pushed: PushedInfo): void {', 'export async function tellPushed(event: H3Event, { options, requests }: GatewayContext, pushed: PushedInfo): Promise<void> {'],
    also: [
      { replace: ['keepRunning(event, listen())', 'await listen()'] },
      { file: 'server/lib/routes/push.ts', replace: ['if (pushed.applied > 0) tellPushed', 'if (pushed.applied > 0) await tellPushed'] },
    ],
    tests: LISTENERS,
  },
  {
    id: 'hanging-b', bug: 'a server that stops closes its store under the app\'s listener',
    file: 'server/lib/requests/tell-pushed.ts',
    replace: ['const end = requests.begin()', 'const end = () => {}'],
    also: [{ replace: ['{ options, requests }', '{ options }'] }],
    tests: LISTENERS,
  },
]
