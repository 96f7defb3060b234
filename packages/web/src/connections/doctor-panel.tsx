import {
  type Connection,
  DOCTOR_PROBES,
  type DoctorProbe,
  type DoctorReport,
  type DoctorState,
  type DoctorVerdict,
  ROUTES,
} from '@activepieces/contract'
import { Badge, Button, Group, Loader, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { useConnectionsChanged } from '../api/queries.ts'
import { moment } from '../format.ts'
import { DataTable } from '../layout/data-table.tsx'
import { Failure, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.doctor
const COLOURS = { yes: 'green', no: 'red', unknown: 'gray' } as const satisfies Record<DoctorVerdict, string>

/** What a connection was seen to do, and the visit that finds it out. */
export function DoctorPanel({ connection: { slug } }: { readonly connection: Connection }) {
  const path = pathOf(ROUTES.doctor, { slug })
  const queries = useQueryClient()
  const changed = useConnectionsChanged()
  const [model, setModel] = useState('')
  const last = useQuery({
    queryKey: ['doctor', slug],
    queryFn: ({ signal }) => call<DoctorState>(path, { signal }),
  })
  const visit = useMutation({
    mutationFn: () => call<DoctorReport>(path, { body: model === '' ? {} : { model } }),
    onSuccess: async (report) => {
      queries.setQueryData<DoctorState>(['doctor', slug], { report })
      await changed()
    },
  })
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {WORDS.intro}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          visit.mutate()
        }}
      >
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={WORDS.model}
            placeholder={WORDS.modelOfItself}
            maxLength={256}
            value={model}
            onChange={(event) => setModel(event.currentTarget.value.trim())}
          />
          <Button type="submit" loading={visit.isPending} data-autofocus>
            {WORDS.visit}
          </Button>
        </Group>
      </form>
      {visit.isPending && (
        <Group role="status">
          <Loader size="sm" />
          <Text size="sm">{WORDS.asking}</Text>
        </Group>
      )}
      {visit.error && <Failure message={visit.error.message} />}
      <Loaded query={last} height={320}>
        {({ report }) => (report ? <Report report={report} /> : <Text>{WORDS.neverSeen}</Text>)}
      </Loaded>
    </Stack>
  )
}

function Report({ report }: { readonly report: DoctorReport }) {
  // SAFETY: the keys of the table of probes.
  const probes = Object.entries(DOCTOR_PROBES) as [DoctorProbe, string][]
  return (
    <>
      <DataTable
        label={WORDS.report}
        columns={WORDS.columns}
        minWidth={520}
        rows={probes.map(([probe, question]) => {
          const { verdict, reason, model } = report.findings[probe]
          return {
            key: probe,
            cells: [
              <Text key="question" size="sm" fw={600}>
                {question}
              </Text>,
              <Badge key="verdict" color={COLOURS[verdict]} variant="light" tt="none" miw="max-content">
                {WORDS.verdicts[verdict]}
              </Badge>,
              <Text key="reason" size="sm" style={{ overflowWrap: 'anywhere' }}>
                {reason}
                {model !== null && (
                  <Text span size="xs" c="dimmed" display="block">
                    {model}
                  </Text>
                )}
              </Text>,
            ],
          }
        })}
      />
      <Text size="xs" c="dimmed">
        {WORDS.at(moment(report.at))}
      </Text>
    </>
  )
}
