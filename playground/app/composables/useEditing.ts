/** The author of new rows, and whether the user may write. */
export function useEditing() {
  const { displayName } = useAccount()
  const session = useSyncSession()
  return {
    displayName,
    readOnly: computed(() => session.role === 'viewer'),
  }
}
