import { defineEventHandler } from 'h3'
import { useSyncGateway } from '../../nitro/use-sync-gateway'

export default defineEventHandler(async event => (await useSyncGateway()).routes.metrics(event))
