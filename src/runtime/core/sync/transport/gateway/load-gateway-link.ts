import { SyncError } from '../../../../shared/sync/protocol/errors'

type GatewayLinkClass = typeof import('./gateway-link')['GatewayLink']

let here: GatewayLinkClass | null = null

/** The code that talks to the gateway. Null: it has not been loaded yet. */
export function loadedGatewayLink(): GatewayLinkClass | null {
  return here
}

/** @throws SyncError `NETWORK_ERROR` when it cannot be loaded */
export async function loadGatewayLink(): Promise<GatewayLinkClass> {
  try { return here ??= (await import('./gateway-link')).GatewayLink }
  catch (cause) { throw new SyncError('NETWORK_ERROR', 'the part of the engine that talks to the gateway could not be loaded. It is tried again. If this stays so, reload the page', { cause }) }
}

/** Hands the code in, so that nothing is loaded. For a simulation, whose clock must not run on while a chunk is loaded. */
export function provideGatewayLink(code: GatewayLinkClass): void {
  here = code
}
