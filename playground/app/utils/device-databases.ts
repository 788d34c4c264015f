const PREFIX = 'playground-device-'

/** The name of the database of one of the two devices that the page `/two-devices` plays. */
export function deviceDatabase(device: string, userId: string, workspaceId: string): string {
  return PREFIX + JSON.stringify([device, userId, workspaceId])
}

/** Deletes the databases of such devices. The module does not know them, so its own wipe leaves them. Does nothing in a browser that cannot list databases. */
export async function deleteDevices(): Promise<void> {
  const names = (await indexedDB.databases?.() ?? []).map(({ name }) => name!)
  for (const name of names.filter(name => name.startsWith(PREFIX))) indexedDB.deleteDatabase(name)
}
