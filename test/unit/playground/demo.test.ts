import { afterEach, describe, expect, it, vi } from 'vitest'
import { isDemo } from '../../../playground/server/utils/demo'

afterEach(() => void vi.unstubAllEnvs())

// A test is no development server: what is seen here is what a built one does.
describe('F19: the sign-in without a password', () => {
  it.each([undefined, '', ' ', 'false', 'yes', '1', 'demo'])('is off in a built server with OR3_PLAYGROUND_DEMO=%j', (value) => {
    vi.stubEnv('OR3_PLAYGROUND_DEMO', value)
    expect(isDemo()).toBe(false)
  })

  it.each(['true', 'TRUE', ' true '])('is on with OR3_PLAYGROUND_DEMO=%j', (value) => {
    vi.stubEnv('OR3_PLAYGROUND_DEMO', value)
    expect(isDemo()).toBe(true)
  })
})
