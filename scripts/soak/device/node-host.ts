import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { DeviceHost, type HostCall } from './host-call.ts'
import { SoakDevice } from './soak-device.ts'

/** `node node-host.mjs`, forked: devices whose databases are in this process's memory. */
const host = new DeviceHost(options => new SoakDevice({ ...options, indexedDB: new IDBFactory(), IDBKeyRange }))
process.on('message', (call: HostCall) => void host.answer(call).then(answer => process.send!(answer)))
process.on('disconnect', () => process.exit(0))
