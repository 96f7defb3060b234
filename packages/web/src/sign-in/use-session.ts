import { ROUTES } from '@activepieces/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ApiFailure, call, SESSION_ENDED } from '../api/client.ts'

/** `none`: one has to sign in. `ended`: one was signed in, and what is on the screen waits for the key. */
export type SessionPhase = 'open' | 'none' | 'ended'

const KEY = ['session'] as const

export function useSession() {
  const queries = useQueryClient()
  useEffect(() => {
    const end = () =>
      queries.setQueryData<SessionPhase>(KEY, (phase) => (phase === undefined || phase === 'none' ? phase : 'ended'))
    window.addEventListener(SESSION_ENDED, end)
    return () => window.removeEventListener(SESSION_ENDED, end)
  }, [queries])
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<SessionPhase> => {
      try {
        await call(ROUTES.session, { signal })
        return 'open'
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 401) return 'none'
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function useSignIn() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (adminKey: string) => call<void>(ROUTES.session, { body: { adminKey } }),
    onSuccess: async () => {
      queries.setQueryData<SessionPhase>(KEY, 'open')
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] })
    },
  })
}

export function useSignOut() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call<void>(ROUTES.session, { method: 'DELETE' }),
    // Nothing that was shown stays behind for the next person.
    onSuccess: () => {
      queries.clear()
      window.location.assign('/')
    },
  })
}
