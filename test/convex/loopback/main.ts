import { appDeployment } from './app-deployment'
import type { CommandMessage, LoopbackCommands, ReplyMessage } from './control'
import { LoopbackServer } from './loopback-server'
import { suiteDeployment } from './suite-deployment'
import type { AuthProvider } from './token-verifier'

/** The loopback's process: `convex-test` replaces globals, so it has one of its own. It is told what to do by messages. */
const { OR3_LOOPBACK_PORT = '0', OR3_LOOPBACK_PROVIDERS = '[]', OR3_LOOPBACK_FUNCTIONS } = process.env
const server = new LoopbackServer({
  ...(OR3_LOOPBACK_FUNCTIONS === 'suite' ? suiteDeployment : appDeployment), providers: JSON.parse(OR3_LOOPBACK_PROVIDERS) as AuthProvider[], port: Number(OR3_LOOPBACK_PORT),
})
const realNow = Date.now

const commands: { [name in keyof LoopbackCommands]: (...args: Parameters<LoopbackCommands[name]>) => ReturnType<LoopbackCommands[name]> | Promise<ReturnType<LoopbackCommands[name]>> } = {
  conflict: times => server.faults.conflict(times),
  loseReply: times => server.faults.loseReply(times),
  dropSockets: () => server.dropSockets(),
  sockets: () => server.sockets,
  refuseSockets: (refuse) => { server.faults.refusing = refuse },
  expireTokens: () => server.verifier.expireAll(),
  setTime: (now) => { Date.now = now === null ? realNow : () => now },
  reset: () => server.deployment.reset(),
  counts: () => server.counts.report(),
  resetCounts: () => server.counts.reset(),
  async run(path, args) {
    const { outcome } = await server.deployment.mutation(path, args, null, { asOwner: true })
    if (!outcome.ok) throw outcome.cause
    return outcome.value
  },
  async stop() {
    await server.close()
    setImmediate(() => process.disconnect())
  },
}

const reply = (message: ReplyMessage) => process.send?.(message)

process.on('message', ({ id, name, args }: CommandMessage) => {
  const command = commands[name] as (...args: unknown[]) => unknown
  Promise.resolve().then(() => command(...args)).then(
    value => reply({ id, value }),
    error => reply({ id, error: error instanceof Error ? error.stack ?? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

reply({ listening: await server.listen() })
