import { parseArgs } from 'node:util'
import { runPower } from './soak/power/run-power.ts'

const { values: options } = parseArgs({
  options: {
    power: { type: 'boolean', default: false },
    cuts: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
})
const print = (text: string) => void process.stdout.write(text)
process.exitCode = await runPower({ cuts: Number(options.cuts), seed: Number(options.seed), print }) ? 0 : 1
