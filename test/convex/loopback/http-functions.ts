import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UserIdentity } from 'convex/server'
import type { JSONValue } from 'convex/values'
import type { CallCounts } from './call-counts'
import type { Deployment } from './deployment'
import type { Faults } from './faults'
import type { FunctionOutcome } from './function-outcome'
import type { TokenVerifier } from './token-verifier'

/** A function that fails answers with this status, and says how in the body. */
const STATUS_FUNCTION_FAILED = 560

export interface HttpFunctionsOptions {
  deployment: Deployment
  verifier: TokenVerifier
  counts: CallCounts
  faults: Faults
}

/** The key of the deployment's owner. */
export const ADMIN_KEY = 'loopback|owner'

interface Call { path: string, args: [JSONValue] }

/** `POST /api/query` and `/api/mutation`, as `ConvexHttpClient` calls them. */
export async function handleHttpFunction(request: IncomingMessage, response: ServerResponse, options: HttpFunctionsOptions): Promise<void> {
  const { deployment, counts, faults } = options
  const kind = request.method === 'POST' && /^\/api\/(query|mutation)$/.exec(request.url ?? '')?.[1]
  const answer = (status: number, body: JSONValue) => {
    const text = JSON.stringify(body)
    counts.sent(Buffer.byteLength(text))
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }
  if (request.url === '/version') return answer(200, 'unknown')
  if (!kind) return answer(404, { code: 'NotFound', message: 'the loopback has no such route' })
  const { path, args } = JSON.parse(await readBody(request, counts)) as Call
  let identity: Partial<UserIdentity> | null
  try { identity = await readIdentity(request, options.verifier) }
  catch (error) { return answer(401, { code: 'InvalidAuthHeader', message: String(error) }) }
  const asOwner = request.headers.authorization === `Convex ${ADMIN_KEY}`
  if (kind === 'query') return answerOutcome(answer, (await deployment.query(path, args[0], identity, { asOwner })).outcome)
  if (faults.takeConflict()) return answer(503, { code: 'OptimisticConcurrencyControlFailure', message: 'Documents read from or written to changed while this mutation was being run' })
  const { outcome } = await deployment.mutation(path, args[0], identity, { asOwner })
  if (faults.takeLostReply()) return void request.socket.destroy()
  answerOutcome(answer, outcome)
}

function answerOutcome(answer: (status: number, body: JSONValue) => void, outcome: FunctionOutcome): void {
  if (outcome.ok) return answer(200, { status: 'success', value: outcome.value, logLines: [] })
  answer(STATUS_FUNCTION_FAILED, { status: 'error', errorMessage: outcome.message, ...(outcome.data === undefined ? {} : { errorData: outcome.data }), logLines: [] })
}

async function readIdentity(request: IncomingMessage, verifier: TokenVerifier): Promise<Partial<UserIdentity> | null> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return token ? (await verifier.verify(token)).identity : null
}

async function readBody(request: IncomingMessage, counts: CallCounts): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  counts.received(body.length)
  return body.toString()
}
