import { setPriority } from 'node:os'
import { ATTACKS } from './attacks/index.ts'
import type { AttackName } from './attacks/index.ts'

/** `node attacker.ts <name of the attack> <port>` prepares, reports that it is ready and starts when it is told to. Its parent kills it in the end. */
const [, , name, port] = process.argv
const attack = ATTACKS[name as AttackName]
// A low priority: the server is to be measured, not how the attacker competes with it for two cores.
setPriority(10)
if ('prepare' in attack) await attack.prepare?.(Number(port))
process.send?.('prepared')
process.once('message', () => void attack.run(Number(port), new AbortController().signal))
