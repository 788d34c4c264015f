import { setPriority } from 'node:os'
import { ATTACKS } from './attacks/index.ts'
import type { AttackName } from './attacks/index.ts'

/** `node attacker.ts <name of the attack> <port>`: prepares, says so, and begins when it is told to; it is killed when it is enough. */
const [, , name, port] = process.argv
const attack = ATTACKS[name as AttackName]
// What is measured is the server, not how two cores are shared by those who attack it and those who measure.
setPriority(10)
if ('prepare' in attack) await attack.prepare?.(Number(port))
process.send?.('prepared')
process.once('message', () => void attack.run(Number(port), new AbortController().signal))
