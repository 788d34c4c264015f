import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError, type ClientErrorCode, type PushOpResult, type SubscribeOptions, type SyncProvider, type WireErrorCode } from 'or3-sync/client'
import { nameUser } from '#or3-sync/core/sync/context/name-user'
import { checkPushReply } from '#or3-sync/core/sync/push/check-push-reply'
import { convexError } from '#or3-sync/core/sync/transport/convex/convex-error'
import { gatewayError } from '#or3-sync/core/sync/transport/gateway/gateway-error'
import { toSyncError, toWireError } from '#or3-sync/shared/sync/protocol/errors'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until } from '../../support/engine-harness'
import { listedProvider } from '../../support/listed-provider'
import { jsonReply } from '../../support/pushed-ops'

const CLIENT_CODES = Object.keys({ UNSYNCED_WORK: 1, NEWER_DATABASE: 1, DATABASE_REPLACED: 1, OVERTAKEN: 1, STOPPED: 1, HELD: 1 } satisfies Record<ClientErrorCode, 1>) as ClientErrorCode[]
/** Of another bundle: only its shape is known. */
const shaped = (code: string) => Object.assign(new Error('from afar'), { code, retryable: false })

describe.each(CLIENT_CODES)('%s is known to a client alone', (code) => {
  it.each<[string, (code: ClientErrorCode) => unknown]>([
    ['thrown by a provider', code => toWireError(new SyncError(code, 'from afar'))],
    ['thrown by a provider of another bundle', code => toSyncError(shaped(code))],
  ])('%s it counts as UNKNOWN', (_, said) => {
    expect(said(code)).toMatchObject({ code: 'UNKNOWN', retryable: true, message: 'from afar' })
  })

  it.each([400, 401, 403, 404, 409, 426, 500])('the gateway does not say it at %i', async (status) => {
    const { code: believed } = await gatewayError(jsonReply({ data: { code, message: 'no' } }, status))
    expect(believed).not.toBe(code)
  })

  it('a Convex function does not say it', () => {
    expect(convexError(Object.assign(new Error('no'), { [Symbol.for('ConvexError')]: true, data: { code, message: 'no' } }))).toMatchObject({ code: 'SERVER_ERROR' })
  })

  it('no answer to an op says it', () => {
    const op = wireOp()
    const result = { opId: op.stamp.opId, success: false, errorCode: code as string as WireErrorCode, error: 'from afar' } satisfies PushOpResult
    expect(checkPushReply({ results: [result], serverVersion: 1 }, [op]).results).toEqual([{ opId: op.stamp.opId, success: false, error: 'from afar' }])
  })
})

describe('a pause that somebody asks for', () => {
  it.each([['a code that nobody knows', Object.assign(new Error('busy'), { code: 'BUSY', retryable: true, retryAfter: 60_000 })], ['a code of a client', new SyncError('STOPPED', 'busy', { retryAfter: 60_000 })]])('is kept, with %s', (_, thrown) => {
    expect(toWireError(thrown)).toMatchObject({ code: 'UNKNOWN', retryable: true, retryAfter: 60_000 })
  })
})

describe('a provider', () => {
  const failing = (error: unknown) => {
    const fail = () => Promise.reject(error)
    return nameUser({ id: 'failing', mode: 'direct', push: fail, pull: fail, subscribe: fail, updateCursor: fail }, { userId: () => 'ann', comebacks: () => 0 })
  }
  const scope = { workspaceId: 'w1' }
  const calls: [string, (provider: SyncProvider) => Promise<unknown>][] = [
    ['push', provider => provider.push({ scope, ops: [] })], ['pull', provider => provider.pull({ scope, cursor: 0, limit: 1 })],
    ['subscribe', provider => provider.subscribe(scope, [], () => {})], ['updateCursor', provider => provider.updateCursor!(scope, 'd', 1)],
  ]

  it.each(calls)('is not believed to know of this database: %s', async (_, call) => {
    await expect(call(failing(new SyncError('NEWER_DATABASE', 'reload')))).rejects.toMatchObject({ code: 'UNKNOWN', retryable: true, message: 'reload' })
    await expect(call(failing(new SyncError('READ_ONLY', 'no')))).rejects.toMatchObject({ code: 'READ_ONLY', retryable: false })
  })

  it('is not believed by a subscription that ends, either', async () => {
    const errors: unknown[] = []
    const options: SubscribeOptions = { cursor: () => 0, signal: new AbortController().signal, onStatus: (_, detail) => errors.push(detail?.error) }
    const inner = listedProvider({
      async subscribe(_scope, _tables, _onChanges, told) {
        for (const error of [new SyncError('NEWER_DATABASE', 'reload'), null, undefined]) told!.onStatus('error', { error })
        return () => {}
      },
    }).provider
    await nameUser(inner, { userId: () => 'ann', comebacks: () => 0 }).subscribe(scope, [], () => {}, options)
    expect(errors).toMatchObject([{ code: 'UNKNOWN' }, null, undefined])
  })
})

describe('an engine', () => {
  let world: EngineHarness
  beforeEach(async () => { world = await EngineHarness.open() })
  afterEach(() => world.close())

  it('goes on where a store says that the database is a newer one\'s', async () => {
    let isLying = true
    const lie = () => { if (isLying) throw new SyncError('NEWER_DATABASE', 'reload') }
    const { provider } = listedProvider()
    const ann = world.device('ann', { provider: {
      ...provider,
      push: async (batch) => {
        lie()
        return await provider.push(batch)
      },
      pull: async (request) => {
        lie()
        return await provider.pull(request)
      },
    } })
    await ann.start()
    await until(() => ann.status.get(), ({ error }) => error !== null)
    expect(ann.status.get()).toMatchObject({ reason: null, error: { code: 'UNKNOWN', message: 'reload' } })
    await ann.db.todos.put({ id: '1', title: 'written all the same' })
    isLying = false
    await ann.flush()
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', error: null, pendingCount: 0 })
  })

  it('tells a provider, when it stops, that it was stopped', async () => {
    let signal: AbortSignal | undefined
    const ann = world.device('ann', { provider: listedProvider({
      push: (_, options) => {
        signal = options!.signal
        return new Promise<never>(() => {})
      },
    }).provider })
    await ann.start()
    await ann.db.todos.put({ id: '1', title: 'x' })
    await until(() => signal)
    await ann.stop()
    expect(signal!.reason).toMatchObject({ name: 'SyncError', code: 'STOPPED', retryable: true })
    expect(ann.status.get()).toMatchObject({ state: 'offline', error: null, pendingCount: 1 })
  })
})
