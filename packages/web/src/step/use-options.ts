import { useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { Property, Values } from './properties.ts'

/** An action of a piece, as its routes name it. */
export type ActionName = { readonly piece: string; readonly action: string }

/**
 * What the server says of a dropdown, or of the properties below a dynamic one. Asked anew when a refresher changes; each
 * answer belongs to the values that it was asked for, so that a late one never takes the place of a newer one.
 */
export function useOptions<T>({ piece, action }: ActionName, name: string, property: Property, values: Values) {
  const input = Object.fromEntries(
    (property.refreshers ?? []).flatMap((key) => (key in values ? [[key, values[key]]] : [])),
  )
  return useQuery({
    queryKey: ['options', piece, action, name, input],
    queryFn: ({ signal }) =>
      call<T>(`/api/v1/pieces/${piece}/actions/${action}/options`, { body: { property: name, input }, signal }),
    staleTime: 30_000,
  })
}
