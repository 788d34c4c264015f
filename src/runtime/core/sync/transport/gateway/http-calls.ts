import type { PullRequest, PullResponse, PushBatch, PushOptions, PushResult, SessionResponse, SyncScope } from '../../../../shared/sync/protocol/types'
import type { GatewayCalls } from './gateway-calls'
import type { GatewayClient } from './gateway-client'

/** Sends each call as an HTTP request of its own. */
export class HttpCalls implements GatewayCalls {
  constructor(private readonly client: GatewayClient) {}

  async push({ scope, ops: given, mark }: PushBatch, { signal }: PushOptions = {}): Promise<PushResult> {
    const ops = given.map(({ tableName, operation, pk, payload, stamp, base, unheard }) => ({ tableName, operation, pk, payload, stamp, base, unheard }))
    return await this.client.post<PushResult>('/push', { scope, ops, mark }, { isPush: true, notAfter: signal })
  }

  async pull(request: PullRequest): Promise<PullResponse> {
    return await this.client.post<PullResponse>('/pull', { ...request })
  }

  async moveCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    await this.client.post('/cursor', { scope, deviceId, version })
  }

  async session(): Promise<SessionResponse> {
    return await this.client.get<SessionResponse>('/session')
  }
}
