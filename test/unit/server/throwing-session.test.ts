import { createError } from 'h3'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(async () => { await server.stop() })

const warnings = () => server.log.filter(line => line.includes('the session hook throws'))

describe('a session hook that throws', () => {
  it('is told of once, by name, beside the error of each request', async () => {
    server = await startTestGateway({ session: () => { throw new TypeError('user is undefined') } })
    for (let times = 0; times < 3; times++) expect((await server.get('/session')).status).toBe(500)
    expect(warnings()).toHaveLength(1)
    expect(server.log.filter(line => line.includes('user is undefined'))).toHaveLength(3)
  })

  it('whose error has no status below 500 is one, too', async () => {
    server = await startTestGateway({ session: async () => { throw createError('the database is away') } })
    expect((await server.get('/session')).status).toBe(500)
    expect(warnings()).toHaveLength(1)
  })

  it('and by that refuses the request is none', async () => {
    server = await startTestGateway({ session: () => { throw createError({ statusCode: 403, statusMessage: 'Blocked' }) } })
    expect((await server.get('/session')).status).toBe(403)
    expect(warnings()).toEqual([])
  })
})
