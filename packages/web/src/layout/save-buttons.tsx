import { Button, Group } from '@mantine/core'
import { STRINGS } from '../strings.ts'

type Props = { readonly onCancel: () => void; readonly isSaving: boolean }

/** At the end of a form that changes something. */
export function SaveButtons({ onCancel, isSaving }: Props) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {STRINGS.cancel}
      </Button>
      <Button type="submit" loading={isSaving}>
        {STRINGS.save}
      </Button>
    </Group>
  )
}
