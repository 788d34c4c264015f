#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const HELP = `or3-sync <command>

  doctor [folder] [--json]   looks at a Nuxt app and says what keeps it from syncing (default: the app in this folder)
  --version                  the version of or3-sync
  --help                     this text

doctor changes nothing. It ends with exit code 1 when it finds an error, else with 0.
`

process.exitCode = await main()

/** @returns the exit code */
async function main(): Promise<number> {
  const { command, folder, json, version, help, mistake } = read()
  if (version) return print(`${(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version}\n`)
  if (help) return print(HELP)
  if (mistake || command !== 'doctor') {
    process.stderr.write(`${mistake ?? (command ? `there is no command "${command}"` : 'which command?')}\n\n${HELP}`)
    return 1
  }
  const { runDoctor } = await import('./doctor/run-doctor')
  // From here, because this file keeps its place beside the module when it is built.
  return await runDoctor({ folder: folder ?? '.', json, moduleUrl: new URL('../module', import.meta.url).href, print })
}

interface Wishes { command?: string, folder?: string, json: boolean, version: boolean, help: boolean, mistake?: string }

function read(): Wishes {
  try {
    const { values: { json, version, help }, positionals: [command, folder] } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, version: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    })
    return { command, folder, json, version, help }
  }
  catch (error) {
    return { json: false, version: false, help: false, mistake: (error as Error).message }
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
