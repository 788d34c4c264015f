import { DeviceHost, type HostCall } from './host-call.ts'
import { SoakDevice } from './soak-device.ts'

/** In a page of Chromium: one device on the browser's own IndexedDB. */
const host = new DeviceHost(options => new SoakDevice(options))
Object.assign(window, { answer: (call: HostCall) => host.answer(call) })
