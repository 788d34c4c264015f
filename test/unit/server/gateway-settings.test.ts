import { describe, expect, it } from 'vitest'
import { createSyncGateway } from '../../../server/lib/create-sync-gateway'
import type { GatewayOptions } from '../../../server/lib/context/gateway-options'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { schema } from './support/test-gateway'

const make = (options: object) => createSyncGateway({ schema, backend: memoryBackend(), session: () => null, ...options } as GatewayOptions)

describe('F58: createSyncGateway', () => {
  it.each([
    [{ rateLimits: { push: 'abc' } }, 'createSyncGateway options.rateLimits.push is "abc"; accepted: a whole number, 1 or more, or Infinity for no limit'],
    [{ rateLimits: { storage: 'limits' } }, 'createSyncGateway options.rateLimits.storage is not an option'],
    [{ purgeAfterDays: -3 }, 'createSyncGateway options.purgeAfterDays is -3; accepted: a number, 0 to 36500'],
    [{ pingMs: Infinity }, 'createSyncGateway options.pingMs is Infinity; accepted: a whole number, 1 to 2147483647'],
    [{ allowedOrigins: ['https://a.example', '*'] }, 'createSyncGateway options.allowedOrigins is "*"; accepted: origins such as'],
    [{ session: 'ada' }, 'createSyncGateway options.session is of type string; accepted: a function'],
    [{ session: undefined }, 'createSyncGateway needs the option session'],
    [{ backend: undefined }, 'createSyncGateway needs the option backend'],
    [{ schema: undefined }, 'createSyncGateway needs the option schema'],
    [{ onPush: () => {} }, 'createSyncGateway options.onPush is not an option (did you mean onPushed?)'],
  ])('refuses %j', (options, line) => {
    expect(() => make(options)).toThrow(`[or3-sync] ${line}`)
  })

  it('refuses to be made of nothing', () => {
    expect(() => createSyncGateway(undefined as never)).toThrow('[or3-sync] createSyncGateway needs the option schema')
  })

  it('takes every option that it names', () => {
    const options = { rateLimits: { push: Infinity, token: 1 }, streamLimits: {}, purgeAfterDays: 0, sliceMs: Infinity, retentionMs: 0, pingMs: 1, allowedOrigins: ['https://a.example'], metricsToken: 't', enabled: () => true, now: () => 0 }
    expect(() => make(options)).not.toThrow()
  })
})
