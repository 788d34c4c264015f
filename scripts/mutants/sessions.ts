import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const APP = 'src/runtime/app'
const CORE = 'src/runtime/core/sync'
const SESSION_STORE = ['test/unit/app/session-store.test.ts']
const SYNC_CLIENT = ['test/unit/app/sync-client.test.ts']
const WIPED = ['test/unit/app/wiped-sign-outs.test.ts']
const OTHER_USER = ['test/unit/engine/other-user.test.ts']
const BROKEN_LOCKS = ['test/unit/engine/broken-locks.test.ts']
const STORAGE = ['test/unit/engine/storage-that-throws.test.ts']
const SESSION_FORM = ['test/unit/server/session-form.test.ts']
const CONVEX_ACCESS = ['test/convex/authorisation.test.ts']

/** Who is asking, in which tab, by whose word (F13, F16, F17, F20 to F25, F28, F54, F57, F60). */
export const SESSIONS: readonly Mutant[] = [
  ...inFile('server/lib/context/gateway-context.ts', ['test/unit/server/other-user.test.ts'], [
    {
      id: 'f13-a', bug: 'the gateway takes edits of one user from the session of another',
      replace: ['    checkUser(event, session)\n', ''],
      simulated: true,
    },
    {
      id: 'f16-a', bug: 'a user whose id is the gateway\'s own gets a session',
      replace: ['if (session?.userId !== SERVICE_SUBJECT) return session', 'if (session?.userId !== undefined || session === null) return session'],
      tests: SESSION_FORM,
    },
  ]),
  ...inFile(`${CORE}/life/leader.ts`, OTHER_USER, [
    {
      id: 'f13-b', bug: 'a page goes on asking and sending while somebody else is signed in',
      replace: ['if (error?.code === \'USER_CHANGED\') this.options.onOtherUser(error)', ''],
    },
    {
      id: 'f13-f', bug: 'two tabs pass the lead to and fro while somebody else is signed in',
      replace: ['if (message.status.state === \'idle\' || message.status.state === \'syncing\') onUserIsBack()', 'onUserIsBack()'],
    },
    {
      id: 'f24-d', bug: 'tabs that cannot talk to each other take the lead from each other for ever',
      replace: ['if (this.#tabs.isBlocked) this.#giveUpLocks()', ''],
      tests: STORAGE,
    },
    {
      id: 'f25-d', bug: 'a tab that holds the lock takes itself for the only one beside tabs without locks',
      replace: ['        this.#giveUpLocks()\n        break', '        break'],
      tests: BROKEN_LOCKS,
    },
  ]),
  ...inFile(`${CORE}/life/sync-supervisor.ts`, OTHER_USER, [
    {
      id: 'f20-d', bug: 'a new tab forgets what the tab that leads has told it, and says that it connects for ever',
      replace: ['    if (env.isOnline()) this.status.update({ state: \'connecting\' })\n', ''],
      also: [{ file: `${CORE}/life/leader.ts`, replace: ['await (this.#work ? this.#work.load() : this.equip())\n    this.stand()', 'await (this.#work ? this.#work.load() : this.equip())\n    if (this.options.context.env.isOnline()) this.options.publisher.status.update({ state: \'connecting\' })\n    this.stand()'] }],
      tests: ['test/unit/engine/tabs.test.ts'],
    },
    {
      id: 'f24-c', bug: 'an engine waits for a browser that never says whether it keeps the data',
      replace: ['void this.#persistence.ask()', 'await this.#persistence.ask()'],
      tests: STORAGE,
    },
  ]),
  {
    id: 'f13-c', bug: 'a page that works as one user becomes another\'s by itself',
    file: `${APP}/decide-session.ts`,
    replace: ['if (state.userId) return { kind: \'step-aside\' }', ''],
    tests: [...SESSION_STORE, ...SYNC_CLIENT],
  },
  ...inFile('src/convex/require-access.ts', CONVEX_ACCESS, [
    {
      id: 'f13-d', bug: 'a Convex deployment takes edits of one user from the token of another',
      replace: ['if (userId !== undefined && await isSomebodyElse(ctx, userId, member))', 'if (member === undefined)'],
    },
    {
      id: 'f16-b', bug: 'a member whose id is the gateway\'s own acts under the gateway\'s own token',
      replace: ['await isService(ctx) ? null : await authorize(asApp(ctx), request)', 'isService ? await authorize(asApp(ctx), request) : null'],
    },
  ]),
  ...inFile(`${APP}/session-store.ts`, SESSION_STORE, [
    {
      id: 'f13-e', bug: 'an answer that was asked for before the sign-in counts',
      replace: ['if (question !== this.#questions) return void await this.#asking', ''],
    },
    {
      id: 'f20-a', bug: 'a session that is over is asked for once',
      replace: ['if (isSettled) return', 'if (isSettled || status) return'],
      tests: [...SESSION_STORE, ...SYNC_CLIENT],
    },
    {
      id: 'f20-b', bug: 'a page that wakes up does not ask who is signed in',
      replace: ['this.#env.onWake(() => this.look())', 'this.#env.onWake(() => {})'],
    },
    {
      id: 'f21-a', bug: 'what the app has set is overwritten by an answer under way',
      replace: ['this.#source = \'app\'\n    this.#clearedUntil = 0\n    this.#dropQuestion()', 'void this.#dropQuestion'],
    },
    {
      id: 'cleared-a', bug: 'clear() is forgotten by the next question',
      replace: ['this.#clearedUntil = this.#env.clock.now() + CLEARED_MS', 'this.#clearedUntil = CLEARED_MS'],
      tests: SYNC_CLIENT,
    },
    {
      id: 'cleared-b', bug: 'after clear() a server that is away is not asked again',
      replace: ['this.#isSure && !this.#isCleared', 'this.#isSure'],
      tests: SYNC_CLIENT,
    },
    {
      id: 'cleared-c', bug: 'a session that could not be fetched once makes every later end of it a sign-out',
      replace: ['CLEARED_MS = 30_000', 'CLEARED_MS = 30_000_000'],
      tests: SYNC_CLIENT,
    },
  ]),
  {
    id: 'f13-g', bug: 'a refusal that was on its way when its user came back stops the engine for good',
    file: `${CORE}/context/name-user.ts`,
    replace: ['comebacks() !== before && error.code', 'comebacks() < before && error.code'],
    tests: OTHER_USER,
  },
  {
    id: 'f17-a', bug: 'a role that nobody knows reads everything',
    file: 'src/runtime/shared/sync/protocol/is-sync-role.ts',
    replace: ['return ROLES.has(role)', 'return ROLES.size > 0 && role !== undefined'],
    tests: [...SESSION_FORM, ...CONVEX_ACCESS],
  },
  {
    id: 'f17-b', bug: 'a role that nobody knows writes on its device',
    file: `${CORE}/create-sync-engine.ts`,
    replace: ['role === \'owner\' || role === \'editor\'', 'role !== \'viewer\''],
    tests: ['test/unit/engine/membership.test.ts'],
  },
  ...inFile(`${APP}/browser-session.ts`, SESSION_STORE, [
    {
      id: 'f20-c', bug: 'tabs do not hear of a sign-in that found the same user again',
      replace: ['...(isNews ? { at: Date.now() } : {})', '...(isNews ? { at: 1 } : {})'],
    },
    {
      id: 'f24-a', bug: 'a full storage keeps the session from being known',
      replace: ['catch { if (isNews) this.#tell({ session: text }) }', 'finally { void isNews }'],
    },
    {
      id: 'wiped-edit-c', bug: 'a tab that hears of a sign-out, and that it was taken back, stays signed out',
      replace: ['isBack(text) || saidAt', 'saidAt'],
      also: [{ replace: ['function isBack', 'export function isBack'] }],
    },
  ]),
  ...inFile(`${APP}/follow-user-session.ts`, SYNC_CLIENT, [
    {
      id: 'f22-a', bug: 'clear() of nuxt-auth-utils goes unnoticed',
      replace: ['void store.cleared()', 'return'],
    },
    {
      id: 'f22-b', bug: 'fetch() of nuxt-auth-utils goes unnoticed',
      replace: ['void store.refresh()', 'return'],
    },
  ]),
  ...inFile(`${CORE}/tabs/tab-channel.ts`, ['test/unit/engine/tabs.test.ts'], [
    {
      id: 'f23', bug: 'a tab whose engine stands still tells nobody of its edits',
      replace: ['this.#transport ?? this.#connect()', 'this.#transport'],
    },
    {
      id: 'f24-b', bug: 'an engine does not start where no channel can be opened',
      replace: ['      this.#isBlocked = true\n', '      throw error\n'],
      tests: STORAGE,
    },
  ]),
  ...inFile(`${CORE}/tabs/leader-election.ts`, BROKEN_LOCKS, [
    {
      id: 'f25-a', bug: 'Web Locks that never answer are waited for for ever',
      replace: ['isAnswered || signal.aborted) return\n      this.giveUpLocks()', 'isAnswered || signal.aborted) return\n'],
    },
    {
      id: 'f25-b', bug: 'Web Locks that refuse leave nobody leading',
      replace: ['if (this.#refusals >= MAX_REFUSALS) this.giveUpLocks()', 'if (this.#refusals >= MAX_REFUSALS) return'],
    },
    {
      id: 'f25-c', bug: 'a tab without working locks follows a leader that is gone',
      replace: ['if (this.#isStealing) return this.giveUpLocks()', ''],
    },
  ]),
  {
    id: 'f28-a', bug: 'an open stream tells nothing of other workspaces and roles',
    file: 'server/lib/requests/stream-reader.ts',
    replace: ['if (found !== this.#told) {', 'if (found === \'\') {'],
    tests: ['test/unit/server/membership.test.ts'],
  },
  {
    id: 'f28-b', bug: 'what a stream tells of workspaces and roles reaches nobody',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['if (detail?.session) context.membershipsChanged()', ''],
    tests: SYNC_CLIENT,
  },
  {
    id: 'f54', bug: 'a component that takes over the server\'s page shows what it knows by then',
    file: `${APP}/after-hydration.ts`,
    replace: ['const shown = () => isMounted.value ? real : first', 'const shown = () => isMounted.value ? real : real'],
    tests: ['test/unit/app/after-hydration.test.ts'],
  },
  {
    id: 'f57', bug: 'the status does not say why nothing syncs',
    file: `${CORE}/life/shared-status.ts`,
    replace: ['unusable?.reason ?? (error && reasonOf(error))', 'null'],
    tests: STORAGE,
  },
  {
    id: 'f60', bug: 'a provider that nobody registered shows until the first write',
    file: `${APP}/page-status.ts`,
    replace: ['if (trouble) return { ...engine, state: \'error\', ...trouble }', 'if (trouble && !engine.pendingCount) return { ...engine, state: \'error\', ...trouble }'],
    tests: SYNC_CLIENT,
  },
  {
    id: 'wiped-edit-a', bug: 'a sign-out deletes what was written after it had counted',
    file: `${APP}/user-databases.ts`,
    replace: ['return this.#factory ? await deleteIfSynced(this.#factory, name) : 0', 'await this.delete(name)\n    return this.#factory ? 0 : deleteIfSynced.length'],
    tests: WIPED,
  },
  ...inFile(`${APP}/sync-client.ts`, SYNC_CLIENT, [
    {
      id: 'wiped-edit-b', bug: 'who could not be signed out is signed out all the same',
      replace: ['    comeBack()\n', ''],
      tests: WIPED,
    },
    {
      id: 'next-session-a', bug: 'an engine starts for the session of now instead of its own',
      replace: ['const state = { ...this.session!.state }', 'const { state } = this.session!'],
    },
    {
      id: 'next-session-b', bug: 'an engine gets the provider that was prepared for another user',
      replace: ['this.options.prepare?.(this.#identity.userId)', 'this.options.prepare?.(this.session!.state.userId!)'],
    },
    {
      id: 'next-session-c', bug: 'a user whose engine could not be made is taken for the one whose database is open',
      replace: ['    const next = this.#create(identity)\n    this.#identity = identity\n', '    this.#identity = identity\n    const next = this.#create(identity)\n'],
    },
  ]),
  {
    id: 'wiped-edit-d', bug: 'a database can be written to between its count and its deletion',
    file: `${APP}/delete-if-synced.ts`,
    replace: ['for (const table of tables) request.result.deleteObjectStore(table)', 'void tables'],
    tests: WIPED,
  },
  {
    id: 'session-ids', bug: 'a session may have ids that can be in no name of a database',
    file: `${APP}/read-known-session.ts`,
    replace: ['if (!isId(userId))', 'if (!isText(userId))'],
    tests: SESSION_STORE,
  },
  {
    id: 'named-early', bug: 'a database has no name before it is used',
    file: `${CORE}/database/sync-database.ts`,
    replace: ['name.then(known => void Object.assign(db, { name: known }))', 'name.then(known => void (db.isOpen() && Object.assign(db, { name: known })))'],
    tests: SYNC_CLIENT,
  },
]
