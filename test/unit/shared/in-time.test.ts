import { expect, it } from 'vitest'
import { inTime } from '#or3-sync/shared/sync/waiting/in-time'
import type { Timers } from '#or3-sync/shared/sync/waiting/timers'

/** Timers that run out when the test says so. */
function handTimers(): Timers & { running: Set<() => void>, runOut: () => void } {
  const running = new Set<() => void>()
  return {
    running,
    setTimeout: (callback) => {
      running.add(callback)
      return callback
    },
    clearTimeout: callback => running.delete(callback as () => void),
    runOut: () => { for (const callback of running) callback() },
  }
}

const never = () => new Promise<string>(() => {})
const tooLate = (): never => { throw new Error('too late') }

it('hands on what comes in time, a failure too, and leaves no timer behind', async () => {
  const timers = handTimers()
  expect(await inTime(Promise.resolve('answer'), { ms: 1, timers, late: tooLate })).toBe('answer')
  await expect(inTime(Promise.reject(new Error('refused')), { ms: 1, timers, late: tooLate })).rejects.toThrow('refused')
  expect(timers.running.size).toBe(0)
})

it.each([['the value', () => 'nothing came', { value: 'nothing came' }], ['the error', tooLate, { message: 'too late' }]])('what comes of being late is %s that is named', async (_, late, expected) => {
  const timers = handTimers()
  const outcome = inTime(never(), { ms: 1, timers, late }).then(value => ({ value }), ({ message }: Error) => ({ message }))
  timers.runOut()
  expect(await outcome).toEqual(expected)
})

it('ends at once, with the signal\'s reason, when nobody waits any more; a later failure is ignored', async () => {
  const timers = handTimers()
  const gone = new AbortController()
  let fail = (_: Error) => {}
  const waiting = inTime(new Promise<never>((_, reject) => { fail = reject }), { ms: 1, timers, late: tooLate, signal: gone.signal })
  gone.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  fail(new Error('nobody listens'))
  expect(timers.running.size).toBe(0)
})
