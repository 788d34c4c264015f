import { parseArgs } from 'node:util'
import { runPower } from './soak/power/run-power.ts'
import { runSoak } from './soak/run-soak.ts'

/**
 * `npm run soak -- [--devices 11] [--browser 3] [--tx 50] [--minutes 20] [--seed 1]`
 *
 * Devices edit the same records while the server is killed and frozen, connections are cut, clocks are set and engines are opened again.
 * `--devices`: all of them; `--browser`: so many of those run in Chromium, the others in Node. `--tx`: transactions a second, of all devices
 * together. Exit code 1 when anything was lost, torn, out of order or different at the end.
 *
 * `npm run soak -- --power [--cuts 200] [--seed 1]`
 *
 * Cuts the power of the SQLite server. Exit code 1 when an acknowledged write is missing. Needs Linux and gcc, and says so where they are not.
 */
const { values: options } = parseArgs({
  options: {
    'devices': { type: 'string', default: '11' },
    'browser': { type: 'string', default: '0' },
    'tx': { type: 'string', default: '50' },
    'minutes': { type: 'string', default: '20' },
    'power': { type: 'boolean', default: false },
    'cuts': { type: 'string', default: '200' },
    'seed': { type: 'string', default: '1' },
  },
})

async function main(): Promise<boolean> {
  const seed = readCount('seed')
  if (options.power) return await runPower({ cuts: readCount('cuts'), seed, print })
  const [devices, browserDevices] = [readCount('devices'), readCount('browser', 0)]
  if (browserDevices > devices) throw new Error(`--browser is ${browserDevices}, but there are only ${devices} devices (--devices counts all of them)`)
  return await runSoak({ devices, browserDevices, rate: readCount('tx'), minutes: readMinutes(), seed }, print)
}

function readCount(name: 'devices' | 'browser' | 'tx' | 'cuts' | 'seed', least = 1): number {
  const count = Number(options[name])
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} is "${options[name]}"; give a whole number from ${least}`)
  return count
}

function readMinutes(): number {
  const minutes = Number(options.minutes)
  if (!(minutes > 0 && minutes < 24 * 60)) throw new Error(`--minutes is "${options.minutes}"; give a number above 0, such as 0.2 or 20`)
  return minutes
}

function print(text: string): void {
  process.stdout.write(text)
}

process.exitCode = await main() ? 0 : 1
