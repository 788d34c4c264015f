import type { SeededRandom } from '../../../../../src/testing/simulation/seeded-random'
import { wireOp } from '../make-op'
import { hostileValue } from './hostile-value'
import { mutateBytes, mutateValue, randomBytes, toJsonText } from './mutate'

const USERS = ['ada', 'ada', 'ada', 'bob', 'eve', '', 'nobody', '__proto__', 'constructor']
const PKS = ['a', 'b', 'c', 'ключ']
const GETS = ['/session', '/token', '/.well-known/jwks.json', '/health', '/metrics', '/', '', '//', '/push/', '/nothing', '/%2e%2e/push', '/push%00', '/.well-known/../push']

/** The bytes of one request: a valid one that has been tampered with, more or less, or no request at all. */
export function hostileRequest(random: SeededRandom): Buffer {
  if (random.chance(0.02)) return randomBytes(random, random.between(1, 400))
  const { method, path, body } = aimedAt(random)
  const text = body === undefined ? Buffer.alloc(0) : bodyBytes(random, body)
  const head = [`${random.chance(0.03) ? random.pick(['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'GET', 'POST']) : method} ${encodePath(path)} HTTP/1.1`, ...headers(random, text.length, body !== undefined)]
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), text])
  return random.chance(0.05) ? mutateBytes(random, bytes) : bytes
}

function aimedAt(random: SeededRandom): { method: string, path: string, body?: unknown } {
  const base = '/api/sync'
  const scope = { workspaceId: random.pick(['w1', 'w1', 'w1', 'w2', 'w3']) }
  switch (random.between(0, 9)) {
    case 0: case 1: case 2: case 3: return { method: 'POST', path: `${base}/push`, body: { scope, ops: Array.from({ length: random.between(0, 5) }, () => anyOp(random)) } }
    case 4: case 5: return { method: 'POST', path: `${base}/pull`, body: { scope, cursor: random.between(0, 5), limit: random.between(1, 50), tables: ['todos'], order: random.pick(['asc', 'desc']), bootstrap: random.chance(0.5) } }
    case 6: return { method: 'POST', path: `${base}/cursor`, body: { scope, deviceId: random.pick(['device-1', 'device-2']), version: random.between(0, 3) } }
    case 7: case 8: return { method: 'GET', path: `${base}/subscribe?${query(random, scope)}` }
    default: return { method: 'GET', path: `${base}${random.pick(GETS)}` }
  }
}

function anyOp(random: SeededRandom): unknown {
  return wireOp({
    pk: random.pick(PKS), op: random.chance(0.3) ? 'delete' : 'put', clock: random.between(1, 20), at: random.between(-1_000, 1_000),
    device: random.pick(['device-1', 'device-2']), opId: random.uuid(), base: random.chance(0.5) ? null : undefined,
  })
}

function query(random: SeededRandom, scope: { workspaceId: string }): string {
  const fields = mutateValue(random, { ...scope, cursor: '0', tables: 'todos,notes', device: 'device-1' }, 0.08)
  const entries = fields !== null && typeof fields === 'object' ? Object.entries(fields) : []
  // A lone surrogate cannot be percent-encoded: it goes as it is.
  return entries.map(([name, value]) => `${encode(name)}=${encode(String(typeof value === 'object' ? toJsonText(value) : value).slice(0, 2_000))}`).join('&')
}

function encode(text: string): string {
  try { return encodeURIComponent(text) }
  catch { return text }
}

/** A request line cannot hold what would end it. */
function encodePath(path: string): string {
  return path.replace(/[\r\n ]/g, '')
}

function bodyBytes(random: SeededRandom, body: unknown): Buffer {
  const text = Buffer.from(toJsonText(random.chance(0.8) ? mutateValue(random, body, random.pick([0.02, 0.06, 0.2])) : body))
  if (random.chance(0.03)) return randomBytes(random, random.between(0, 200))
  return random.chance(0.15) ? mutateBytes(random, text) : text
}

function headers(random: SeededRandom, length: number, hasBody: boolean): string[] {
  const lines = ['host: fuzz', 'connection: close']
  const user = random.pick(USERS)
  if (user) lines.push(`x-user: ${user}`)
  if (hasBody) {
    lines.push(`content-type: ${random.chance(0.95) ? 'application/json' : random.pick(['text/plain', 'application/json;charset=utf-16', 'multipart/form-data; boundary=x', '', 'application/jsonx'])}`)
    // Now and then a body that never comes as a whole.
    lines.push(`content-length: ${random.chance(0.99) ? length : random.pick([length + 1, 2 ** 31, -1, 'x'])}`)
  }
  if (random.chance(0.03)) lines.push(`x-or3-sync-protocol: ${random.pick(['1', '2', '', '1.0', '999999999999', '__proto__'])}`)
  if (random.chance(0.03)) lines.push(`origin: ${random.pick(['http://fuzz', 'https://evil.example', 'null', '', '://', 'http://fuzz:99999', 'javascript:alert(1)'])}`)
  if (random.chance(0.03)) lines.push(`last-event-id: ${random.pick(['0', '1', '-1', '999999999999999', 'x', '1e9', ''])}`)
  if (random.chance(0.02)) lines.push(`content-encoding: ${random.pick(['gzip', 'identity', 'br', ''])}`)
  if (random.chance(0.02)) lines.push('expect: 100-continue')
  if (random.chance(0.02)) lines.push(`authorization: Bearer ${random.uuid()}`)
  if (random.chance(0.02)) lines.push(`x-forwarded-host: ${random.pick(['evil.example', ',,', '[::1', 'fuzz'])}`)
  if (random.chance(0.02)) lines.push(`x-junk: ${toJsonText(hostileValue(random)).replace(/[^\x20-\x7E]/g, '?').slice(0, 20_000)}`)
  return lines
}
