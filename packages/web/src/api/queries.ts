import {
  type Catalogue,
  type ConnectionList,
  type PieceList,
  ROUTES,
  type UsageSummary,
  type UsageSummaryQuery,
} from '@activepieces/contract'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { withQuery } from './paths.ts'

/** What the screens show, by the route that it comes from. */
export const usePieces = () =>
  useQuery({ queryKey: ['pieces'], queryFn: ({ signal }) => call<PieceList>(ROUTES.pieces, { signal }) })

export const useCatalogue = () =>
  useQuery({
    queryKey: ['catalogue'],
    queryFn: ({ signal }) => call<Catalogue>(ROUTES.catalogue, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const useConnections = () =>
  useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => call<ConnectionList>(ROUTES.aiProviders, { signal }),
  })

export const useUsageSummary = (query: UsageSummaryQuery) =>
  useQuery({
    queryKey: ['usage', 'summary', query],
    queryFn: ({ signal }) => call<UsageSummary>(withQuery(ROUTES.usageSummary, query), { signal }),
    placeholderData: keepPreviousData,
  })

/** After a change of a connection: everything that shows connections, dropdowns too, asks anew. */
export function useConnectionsChanged() {
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['connections'] }),
      queries.invalidateQueries({ queryKey: ['options'] }),
      queries.invalidateQueries({ queryKey: ['drill'] }),
    ])
}
