import { afterEach, describe, expect, it, vi } from 'vitest'
import { useRuntimeConfig } from '#imports'
import { createConsoleLogger } from '#or3-sync/app/console-logger'
import type { LogLevel } from '#or3-sync/shared/sync/settings/log-level'
import { NoticeRules } from '#or3-sync/core/sync/face/notice-rules'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'

const NOW = 1_800_000_000_000
const DAY_MS = 24 * 60 * 60_000

describe('F61: what the browser\'s console is told', () => {
  const setLevel = (level: LogLevel | '') => { useRuntimeConfig().public.or3Sync.clientLogLevel = level }

  afterEach(() => {
    setLevel('')
    vi.restoreAllMocks()
  })

  /** What stands on the console after one line of each urgency. */
  function linesAt(level: LogLevel | ''): string[] {
    const written: string[] = []
    for (const own of ['debug', 'info', 'warn', 'error'] as const) vi.spyOn(console, own).mockImplementation(() => written.push(own))
    setLevel(level)
    const log = createConsoleLogger()
    for (const own of ['debug', 'info', 'warn', 'error'] as const) log[own]('line')
    return written
  }

  it('are warnings and errors in a production build, unless clientLogLevel says otherwise', () => {
    expect(import.meta.dev, 'this is a production build').toBe(false)
    expect(linesAt('')).toEqual(['warn', 'error'])
    expect(linesAt('debug')).toEqual(['debug', 'info', 'warn', 'error'])
    expect(linesAt('error')).toEqual(['error'])
    expect(linesAt('silent')).toEqual([])
  })

  it('is that an old conflict was left out, at clientLogLevel debug', () => {
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {})
    setLevel('debug')
    const rules = new NoticeRules({ now: () => NOW, log: createConsoleLogger() })
    expect(rules.allows('conflict:todos:1:local', formatHlc({ ms: NOW - 2 * DAY_MS, counter: 0, node: 'node00000001' }))).toBe(false)
    expect(debug).toHaveBeenCalledWith('[or3-sync]', '[notify] Skipping historical conflict notification', 'conflict:todos:1:local')
  })
})
