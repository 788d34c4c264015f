import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wireOp } from './support/make-op'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

let server: TestGateway
beforeAll(async () => { server = await startTestGateway() })
afterAll(() => server.stop())

const scope = { workspaceId: 'w1' }

/** Status and code, with the promises every refusal keeps: h3's form, no stack. */
async function refusal(request: Promise<{ status: number, body: ErrorReply, headers: Headers }>) {
  const { status, body, headers } = await request
  expect(body).toEqual({ statusCode: status, statusMessage: expect.any(String), message: body.data.message, data: { code: expect.any(String), message: expect.any(String) } })
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('cache-control')).toBe('no-store')
  return [status, body.data.code]
}

describe('hostile requests', () => {
  it('pitfall 32: authentication comes before the body is looked at', async () => {
    for (const path of ['/push', '/pull', '/cursor']) {
      expect(await refusal(server.post(path, '{{{', ''))).toEqual([401, 'UNAUTHORIZED'])
      expect(await refusal(server.post(path, 'x'.repeat(3_000_000), '', { 'content-type': 'text/plain' }))).toEqual([401, 'UNAUTHORIZED'])
    }
    expect(await refusal(server.get('/subscribe?workspaceId=w1', ''))).toEqual([401, 'UNAUTHORIZED'])
  })

  it('pitfall 29: the role is that of the workspace the request speaks of', async () => {
    const push = (user: string, workspaceId: string) => server.post<ErrorReply>('/push', { scope: { workspaceId }, ops: [wireOp()] }, user)
    expect(await refusal(push('ada', 'w2'))).toEqual([403, 'READ_ONLY'])
    expect(await refusal(push('bob', 'w2'))).toEqual([403, 'UNAUTHORIZED'])
    expect((await push('bob', 'w1')).status).toBe(200)
    expect((await server.post('/pull', { scope: { workspaceId: 'w2' }, cursor: 0, limit: 1 }, 'ada')).status).toBe(200)
    expect(await refusal(server.post('/pull', { scope: { workspaceId: 'w2' }, cursor: 0, limit: 1 }, 'bob'))).toEqual([403, 'UNAUTHORIZED'])
    expect(await refusal(server.get('/subscribe?workspaceId=w2', 'bob'))).toEqual([403, 'UNAUTHORIZED'])
    expect(await refusal(server.post('/cursor', { scope: { workspaceId: 'w2' }, deviceId: 'd', version: 0 }, 'bob'))).toEqual([403, 'UNAUTHORIZED'])
  })

  it('refuses other origins on every route, and takes its own', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://evil.127.0.0.1', `${server.origin}.evil.example`, server.origin.replace('127.0.0.1', 'localhost'), 'not an origin']) {
      for (const path of ['/push', '/pull', '/cursor']) expect(await refusal(server.post(path, { scope, ops: [] }, 'ada', { origin })), path).toEqual([403, 'FOREIGN_ORIGIN'])
      for (const path of ['/subscribe?workspaceId=w1', '/session', '/token', '/.well-known/jwks.json', '/health', '/nothing']) {
        expect(await refusal(server.get(path, 'ada', { origin })), path).toEqual([403, 'FOREIGN_ORIGIN'])
      }
    }
    expect((await server.get('/session', 'ada', { origin: server.origin })).status).toBe(200)
    expect((await server.get('/session', 'ada', { 'origin': 'https://app.example', 'x-forwarded-host': 'app.example:443' })).status).toBe(200)
  })

  it('refuses protocols it does not speak', async () => {
    expect(await refusal(server.post('/push', { scope, ops: [] }, 'ada', { 'x-or3-sync-protocol': '2' }))).toEqual([426, 'UNSUPPORTED_PROTOCOL'])
    expect((await server.post('/push', { scope, ops: [] }, 'ada', { 'x-or3-sync-protocol': '1' })).status).toBe(200)
  })

  it('knows its routes and their methods', async () => {
    expect(await refusal(server.get('/nothing'))).toEqual([404, 'NOT_FOUND'])
    expect(await refusal(server.get('/push'))).toEqual([405, 'NOT_FOUND'])
    expect(await refusal(server.post('/session', {}))).toEqual([405, 'NOT_FOUND'])
    expect(await refusal(server.request('', { user: 'ada' }))).toEqual([404, 'NOT_FOUND'])
  })

  it('takes JSON only', async () => {
    expect(await refusal(server.post('/push', '{}', 'ada', { 'content-type': 'text/plain' }))).toEqual([415, 'VALIDATION_ERROR'])
    expect(await refusal(server.post('/push', '{}', 'ada', { 'content-encoding': 'br' }))).toEqual([415, 'VALIDATION_ERROR'])
  })

  it('limits a request to 1 MiB and 1,000 ops', async () => {
    const huge = JSON.stringify({ scope, ops: [], padding: 'x'.repeat(1024 * 1024) })
    expect(await refusal(server.post('/push', huge))).toEqual([413, 'OVERSIZED'])
    expect(await refusal(server.post('/push', { scope, ops: Array.from({ length: 1_001 }, () => 0) }))).toEqual([413, 'OVERSIZED'])
    expect((await server.post('/push', { scope, ops: Array.from({ length: 1_000 }, () => 0) })).status).toBe(200)
  })

  it.each([
    ['', 'VALIDATION_ERROR'], ['null', 'VALIDATION_ERROR'], ['[]', 'VALIDATION_ERROR'], ['{"scope":', 'VALIDATION_ERROR'], ['{}', 'VALIDATION_ERROR'],
    ['{"scope":{"workspaceId":"w1"}}', 'VALIDATION_ERROR'], ['{"scope":{"workspaceId":"w1"},"ops":{}}', 'VALIDATION_ERROR'],
    ['{"scope":{"workspaceId":7},"ops":[]}', 'VALIDATION_ERROR'], ['{"scope":{"workspaceId":""},"ops":[]}', 'VALIDATION_ERROR'],
    ['{"scope":{"workspaceId":"a\\u0000b"},"ops":[]}', 'VALIDATION_ERROR'], [`{"scope":{"workspaceId":"${'x'.repeat(257)}"},"ops":[]}`, 'VALIDATION_ERROR'],
  ])('answers 400 to the push %s', async (body, code) => {
    expect(await refusal(server.post('/push', body))).toEqual([400, code])
  })

  it.each([
    { cursor: -1 }, { cursor: 1.5 }, { cursor: '0' }, { cursor: 1e300 }, { cursor: null }, { limit: 0 }, { limit: 2_001 }, { limit: 'all' },
    { tables: 'todos' }, { tables: [1] }, { order: 'up' }, { bootstrap: 'yes' },
  ])('answers 400 to a pull with %o', async (fields) => {
    expect(await refusal(server.post('/pull', { scope, cursor: 0, limit: 10, ...fields }))).toEqual([400, 'VALIDATION_ERROR'])
  })

  it('answers 400 to a subscription out of form, before any stream begins', async () => {
    for (const query of ['', 'workspaceId=w1&cursor=-1', 'workspaceId=w1&cursor=x', 'workspaceId=w1&workspaceId=w2']) {
      expect(await refusal(server.get(`/subscribe?${query}`)), query).toEqual([400, 'VALIDATION_ERROR'])
    }
  })

  const { stamp } = wireOp()
  it.each([
    ['tableName', { tableName: 'nothing' }], ['tableName', { tableName: '__proto__' }], ['tableName', { tableName: 'constructor' }], ['tableName', { tableName: 5 }],
    ['pk', { pk: '' }], ['pk', { pk: 5 }], ['pk', { pk: 'x'.repeat(257) }], ['pk', { pk: 'a\nb' }], ['pk', { pk: 'a\u0085b' }], ['pk', { pk: '\uD800' }],
    ['operation', { operation: 'drop' }],
    ['stamp', { stamp: null }], ['stamp.deviceId', { stamp: { ...stamp, deviceId: '' } }], ['stamp.opId', { stamp: { ...stamp, opId: 'A'.repeat(36) } }],
    ['stamp.hlc', { stamp: { ...stamp, hlc: '2026-01-01' } }], ['stamp.hlc', { stamp: { ...stamp, hlc: stamp.hlc.toUpperCase() } }],
    ['stamp.clock', { stamp: { ...stamp, clock: 0 } }], ['stamp.clock', { stamp: { ...stamp, clock: 2 ** 31 } }], ['stamp.clock', { stamp: { ...stamp, clock: '1' } }], ['stamp.clock', { stamp: { ...stamp, clock: 1.5 } }],
    ['base', { base: 'x' }], ['base.clock', { base: { clock: -1, hlc: stamp.hlc } }], ['base.hlc', { base: { clock: 1 } }],
    ['payload', { payload: undefined }], ['payload', { payload: [] }], ['payload.id', { payload: { id: 'other', title: '' } }], ['payload.title', { payload: { id: 'a' } }],
  ])('names the field %s of the op that has %o', async (field, change) => {
    const { results } = await server.push([{ ...wireOp(), ...change }, wireOp({ pk: 'neighbour', clock: 9 })])
    expect(results[0]).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR' })
    expect(results[0]?.error).toMatch(new RegExp(`^${field.replace('.', '\\.')}:`))
    expect(results[1]?.success).toBe(true)
  })

  it('counts UTF-8 bytes for the size of a row', async () => {
    const fits = { id: 'a', title: 'é'.repeat(980) }
    const { results } = await server.push([wireOp({ pk: 'a', clock: 50, payload: fits }), wireOp({ pk: 'a', clock: 51, payload: { id: 'a', title: 'é'.repeat(990) } })])
    expect(results).toMatchObject([{ success: true }, { success: false, errorCode: 'OVERSIZED', current: { stamp: { clock: 50 }, payload: fits } }])
  })

  it('pitfall 34: takes names out that would change the record, and keeps every other unknown one', async () => {
    const op = JSON.stringify(wireOp({ pk: 'evil', payload: { id: 'evil', title: 't' } }))
      .replace('"title":"t"', '"title":"t","__proto__":{"admin":true},"deep":{"__proto__":1,"constructor":2},"constructor":3,"workspace_id":"w2","_id":4,"kept":5')
    await server.post('/push', `{"scope":{"workspaceId":"w1"},"ops":[${op}]}`)
    const change = (await server.pull()).changes.find(change => change.pk === 'evil')
    expect(JSON.stringify(change?.payload)).toBe('{"id":"evil","title":"t","deep":{"constructor":2},"kept":5}')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('takes the engine\'s columns out of a payload: nobody else is handed them', async () => {
    await server.push([wireOp({ pk: 'columns', payload: { id: 'columns', title: 't', clock: 9, hlc: 'x', op_id: 'y' } })])
    const change = (await server.pull()).changes.find(({ pk }) => pk === 'columns')
    expect(change?.payload).toEqual({ id: 'columns', title: 't' })
  })

  it('survives payloads nested a hundred thousand levels deep', async () => {
    const op = JSON.stringify(wireOp({ pk: 'deep', payload: { id: 'deep', title: 't' } })).replace('"title":"t"', `"title":"t","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const { status, body } = await server.post<{ results: unknown[] }>('/push', `{"scope":{"workspaceId":"w1"},"ops":[${op}]}`)
    expect(status).toBe(200)
    expect(body.results[0]).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR' })
  })

  it('answers 429 with Retry-After, per user and route', async () => {
    const limited = await startTestGateway({ rateLimits: { push: 2 } })
    const push = (user: string) => limited.post<ErrorReply>('/push', { scope, ops: [] }, user)
    expect([(await push('ada')).status, (await push('ada')).status]).toEqual([200, 200])
    const refused = await push('ada')
    expect(await refusal(Promise.resolve(refused))).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect([(await push('bob')).status, (await limited.post('/pull', { scope, cursor: 0, limit: 1 })).status]).toEqual([200, 200])
    await limited.stop()
  })

  it('hides what went wrong inside', async () => {
    const broken = await startTestGateway({ session: () => { throw new Error('password=hunter2') } })
    const reply = broken.get<ErrorReply>('/session')
    expect(await refusal(reply)).toEqual([500, 'SERVER_ERROR'])
    expect(JSON.stringify((await reply).body)).not.toContain('hunter2')
    expect(broken.log.join()).toContain('hunter2')
    await broken.stop()
  })

  it('refuses numbers that it could not give back, where they stand', async () => {
    const op = JSON.stringify(wireOp({ pk: 'huge', payload: { id: 'huge', title: 't' } })).replace('"title":"t"', '"title":"t","deep":[{"n":1e400}]')
    const { body } = await server.post<{ results: unknown[] }>('/push', `{"scope":{"workspaceId":"w1"},"ops":[${op}]}`)
    expect(body.results[0]).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR', error: 'payload: holds a number that is too large' })
  })

  it('keeps lone surrogates and every other character of a payload as they came', async () => {
    const payload = { 'id': 'odd', 'title': 'a\uD800b\uDFFF\u0000\u2028', '\uDC00': '\uFEFF' }
    await server.push([wireOp({ pk: 'odd', payload })])
    expect((await server.pull()).changes.find(change => change.pk === 'odd')?.payload).toEqual(payload)
  })

  /** Sends head and then body chunks for as long as the server takes them. @returns what it answered, and how much it took. */
  async function upload(head: string[], chunk: Buffer, chunks: number, framed: (chunk: Buffer) => Buffer = piece => piece) {
    const { hostname, port } = new URL(server.origin)
    const socket = connect(Number(port), hostname)
    let answer = ''
    let sent = 0
    const closed = new Promise<void>(resolve => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.on('data', (data) => { answer += data.toString() })
    socket.write(['POST /api/sync/push HTTP/1.1', 'host: x', 'content-type: application/json', ...head, '', ''].join('\r\n'))
    for (let index = 0; index < chunks && !socket.destroyed && socket.writable; index++) {
      sent += chunk.byteLength
      if (!socket.write(framed(chunk))) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
    }
    await closed
    return { status: Number(answer.split(' ')[1]), sent }
  }
  const MEGABYTE = Buffer.alloc(1024 * 1024, 0x20)
  const chunked = (piece: Buffer) => Buffer.concat([Buffer.from(`${piece.byteLength.toString(16)}\r\n`), piece, Buffer.from('\r\n')])

  it('cuts off a body of 100 MB, announced or not, of a member or a stranger, and never holds it', async () => {
    const heap = process.memoryUsage().arrayBuffers
    // 413 where the answer got through before the connection was cut.
    for (const head of [['x-user: ada', `content-length: ${100 * 1024 * 1024}`], ['x-user: ada', 'transfer-encoding: chunked'], ['transfer-encoding: chunked']]) {
      const { status, sent } = await upload(head, MEGABYTE, 100, head.at(-1)!.startsWith('transfer') ? chunked : undefined)
      expect(sent, head.join()).toBeLessThan(40 * 1024 * 1024)
      if (!Number.isNaN(status)) expect(status).toBe(head[0] === 'x-user: ada' ? 413 : 401)
    }
    // The sender's own chunks are in this process, too, until they are collected.
    expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(100 * 1024 * 1024)
    expect((await server.get('/health')).status).toBe(200)
  })

  it('does not wait for ever for a body that drips', async () => {
    const patient = await startTestGateway({ bodyTimeoutMs: 50 })
    const { hostname, port } = new URL(patient.origin)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (data) => { answer += data.toString() })
    socket.on('error', () => {})
    const drip = setInterval(() => socket.write(' '), 5)
    const closed = once(socket, 'close')
    socket.write('POST /api/sync/push HTTP/1.1\r\nhost: x\r\nx-user: ada\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{')
    await closed
    clearInterval(drip)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('NETWORK_ERROR')
    await patient.stop()
  })

  it('lives on when a client hangs up in the middle of its body', async () => {
    const { hostname, port } = new URL(server.origin)
    const socket = connect(Number(port), hostname)
    socket.write('POST /api/sync/push HTTP/1.1\r\nhost: x\r\nx-user: ada\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"scope"')
    await new Promise<void>(resolve => socket.end(resolve))
    socket.destroy()
    expect((await server.get('/health')).status).toBe(200)
  })
})
