import { effectScope, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useSteadyState } from '#or3-sync/components/parts/steady-state'
import type { SyncState } from '#or3-sync/core/sync/context/sync-status'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function follow(first: SyncState) {
  const state = shallowRef(first)
  const scope = effectScope()
  const shown = scope.run(() => useSteadyState(() => state.value))!
  return { state, shown, stop: () => scope.stop() }
}

it('a state that is soon over is not shown', () => {
  const { state, shown } = follow('idle')
  state.value = 'syncing'
  vi.advanceTimersByTime(499)
  expect(shown.value).toBe('idle')
  state.value = 'idle'
  vi.advanceTimersByTime(1_000)
  expect(shown.value).toBe('idle')
})

it('one that lasts is, and others are at once', () => {
  const { state, shown } = follow('connecting')
  expect(shown.value).toBe('connecting')
  state.value = 'offline'
  expect(shown.value).toBe('offline')
  state.value = 'connecting'
  state.value = 'syncing'
  vi.advanceTimersByTime(500)
  expect(shown.value).toBe('syncing')
  state.value = 'error'
  expect(shown.value).toBe('error')
})

it('nothing is shown once the component is gone', () => {
  const { state, shown, stop } = follow('idle')
  state.value = 'syncing'
  stop()
  vi.advanceTimersByTime(1_000)
  expect(shown.value).toBe('idle')
  expect(vi.getTimerCount()).toBe(0)
})
