/** Who writes here, and whether they may. */
export function useEditing() {
  const { displayName } = useAccount()
  const session = useSyncSession()
  return {
    displayName,
    readOnly: computed(() => session.role === 'viewer'),
  }
}
