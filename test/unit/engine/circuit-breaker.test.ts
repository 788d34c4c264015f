import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '#or3-sync/core/sync/circuit-breaker'
import { SyncError } from '#or3-sync/shared/sync/errors'

function world() {
  let now = 0
  const breaker = new CircuitBreaker(() => now)
  const calls: string[] = []
  const fail = (code: 'SERVER_ERROR' | 'NETWORK_ERROR' | 'VALIDATION_ERROR' = 'SERVER_ERROR') => breaker.run(async () => {
    calls.push('fail')
    throw new SyncError(code, 'down')
  }).catch((error: SyncError) => error)
  const pass = () => breaker.run(async () => calls.push('pass')).catch((error: SyncError) => error)
  return { breaker, calls, fail, pass, wait: (ms: number) => { now += ms } }
}

describe('the circuit breaker', () => {
  it('lets nothing through for 30 s after five failures in a row', async () => {
    const { calls, fail, pass, wait } = world()
    for (let index = 0; index < 5; index++) await fail()
    expect(await pass()).toMatchObject({ code: 'NETWORK_ERROR', retryable: true, retryAfter: 30_000 })
    wait(29_999)
    await pass()
    expect(calls.filter(call => call === 'pass')).toEqual([])
    wait(1)
    await pass()
    expect(calls.at(-1)).toBe('pass')
  })

  it('pitfall 21: a probe is given back whatever becomes of it', async () => {
    const { calls, fail, pass, wait } = world()
    for (let index = 0; index < 5; index++) await fail()
    wait(30_000)
    await fail()
    wait(30_000)
    await fail('VALIDATION_ERROR')
    await pass()
    await pass()
    expect(calls.slice(-3)).toEqual(['fail', 'pass', 'pass'])
  })

  it('sends one probe at a time', async () => {
    const { breaker, fail, pass, wait } = world()
    for (let index = 0; index < 5; index++) await fail()
    wait(30_000)
    let answer = () => {}
    const probe = breaker.run(() => new Promise<void>((resolve) => { answer = resolve }))
    expect(await pass()).toBeInstanceOf(SyncError)
    answer()
    await probe
    expect(await pass()).not.toBeInstanceOf(SyncError)
  })

  it('does not count silence: the network may be back any moment', async () => {
    const { calls, fail, pass } = world()
    for (let index = 0; index < 10; index++) await fail('NETWORK_ERROR')
    await pass()
    expect(calls.at(-1)).toBe('pass')
  })

  it('does not count refusals: they are answers', async () => {
    const { calls, fail, pass } = world()
    for (let index = 0; index < 10; index++) await fail('VALIDATION_ERROR')
    await pass()
    expect(calls.at(-1)).toBe('pass')
  })

  it('probes at once when waiting is likely to be over', async () => {
    const { breaker, calls, fail, pass } = world()
    for (let index = 0; index < 5; index++) await fail()
    breaker.allowProbe()
    await pass()
    expect(calls.at(-1)).toBe('pass')
  })
})
