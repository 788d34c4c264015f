import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '#or3-sync/core/sync/transport/circuit-breaker'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'

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
    expect(await pass()).toMatchObject({ code: 'SERVER_ERROR', retryable: true, retryAfter: 30_000 })
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

  it('gives every probe back, whatever comes of whichever request in whatever order', async () => {
    const codes = fc.constantFrom(null, 'SERVER_ERROR', 'NETWORK_ERROR', 'VALIDATION_ERROR', 'UNAUTHORIZED', 'UNKNOWN')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('begin' as const) }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(5), code: codes }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -60_000, max: 60_000 }) }),
      fc.record({ kind: fc.constant('allow' as const) }),
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { breaker, pass, wait } = world()
      const open: ((code: string | null) => void)[] = []
      const settled: Promise<unknown>[] = []
      for (const next of steps) {
        if (next.kind === 'wait') wait(next.ms)
        else if (next.kind === 'allow') breaker.allowProbe()
        else if (next.kind === 'end') open.splice(next.which % Math.max(open.length, 1), 1)[0]?.(next.code)
        else {
          settled.push(breaker.run(() => new Promise<void>((resolve, reject) => {
            open.push(code => code === null ? resolve() : reject(new SyncError(code as 'UNKNOWN', 'x')))
          })).catch(() => {}))
        }
        await Promise.resolve()
      }
      for (const end of open) end('SERVER_ERROR')
      await Promise.all(settled)
      wait(30_000)
      expect(await pass(), 'nothing is under way, the pause is over: the next request is made').not.toBeInstanceOf(SyncError)
      expect(await pass()).not.toBeInstanceOf(SyncError)
    }), { numRuns: 500 })
  })
})
