import { Findings, type Finding } from '../finding'
import type { Surroundings } from '../read-app'
import { isInRange } from '../version-range'

const LEAST = '>=20.0.0'

/** Which Node runs. */
export function checkNode({ node }: Pick<Surroundings, 'node'>): Finding[] {
  const findings = new Findings('node')
  if (isInRange(node, LEAST)) findings.ok(`Node ${node}`)
  else findings.error(`Node ${node} is too old`, 'use Node 22.13 or newer; 24 is recommended')
  return findings.list
}
