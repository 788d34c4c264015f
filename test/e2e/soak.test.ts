import { describe, expect, it } from 'vitest'
import { runSoakCommand } from '../support/run-soak-command'

describe('npm run soak', () => {
  it('finds nothing lost, torn, out of order or different in devices of Node and Chromium', async () => {
    const { code, output } = await runSoakCommand(['--minutes', '0.15', '--devices', '4', '--browser', '1', '--tx', '20'])
    expect(output).toMatch(/\n {2}faults: (\d+ [a-z-]+(, |;)){9} the server was started \d+ times\n/)
    expect(output).toContain('HELD: 0 lost, 0 torn, 0 out of order, 0 fell back, 0 diverged, 0 refused, 0 not at rest (seed 1)')
    expect(code, output).toBe(0)
  })
})
