import { describe, expect, it } from 'vitest'
import { whyNoShim } from '../../../../scripts/soak/power/build-shim'
import { runSoakCommand } from '../../../support/run-soak-command'

// Some twenty-five servers are started.
const PATIENCE_MS = 120_000

describe('npm run soak -- --power', () => {
  it.skipIf(whyNoShim() !== null)('loses no acknowledged write, and would with other settings', async () => {
    const { code, output } = await runSoakCommand(['--power', '--cuts', '8'])
    expect(output).toMatch(/^synchronous=FULL: 8 cuts .*\n {2}[1-9]\d* pushes acknowledged, 0 of them lost; 0 in the store in part/)
    expect(output).toContain('HELD: no acknowledged write was lost with synchronous=FULL (seed 1)')
    expect(code, output).toBe(0)
  }, PATIENCE_MS)

  it('says that nothing was tested where there is no gcc', async () => {
    const { code, output } = await runSoakCommand(['--power'], '/no-such-folder')
    expect(output).toMatch(/^SKIPPED: no power was cut, because (gcc is not installed|the shim is preloaded)/)
    expect(code, output).toBe(0)
  })
})
