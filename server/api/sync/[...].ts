import { defineEventHandler } from 'h3'
import { useSyncGateway } from '../../nitro/use-sync-gateway'

/** Whatever is no route, or not by this method: 404 and 405 as JSON. */
export default defineEventHandler(async event => (await useSyncGateway())(event))
