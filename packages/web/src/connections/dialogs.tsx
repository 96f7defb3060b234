import { Modal } from '@mantine/core'
import type { Opened } from '../providers/providers-screen.tsx'
import { STRINGS } from '../strings.ts'
import { CheckPanel } from './check-panel.tsx'
import { ConnectPanel } from './connect-panel.tsx'
import { DeletePanel } from './delete-panel.tsx'
import { DoctorPanel } from './doctor-panel.tsx'
import { DrillPanel } from './drill-panel.tsx'
import { EditPanel } from './edit-panel.tsx'

type Props = { readonly shown: Opened; readonly isOpen: boolean; readonly onClose: () => void }

/** The one dialog of the providers screen; what is in it depends on what it was opened for. */
export function ConnectionDialogs({ shown, isOpen, onClose }: Props) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={titleOf(shown)}
      size={shown.action === 'doctor' ? 'xl' : 'lg'}
      closeOnClickOutside={false}
    >
      <Panel shown={shown} onClose={onClose} />
    </Modal>
  )
}

function titleOf(shown: Opened): string {
  if (shown.action === 'connect') return STRINGS.connect.title(shown.vendor.label)
  return STRINGS.connection.dialog[shown.action](shown.connection.label)
}

function Panel({ shown, onClose }: Pick<Props, 'shown' | 'onClose'>) {
  switch (shown.action) {
    case 'connect':
      return <ConnectPanel vendor={shown.vendor} isFirst={shown.isFirst} onDone={onClose} />
    case 'edit':
      return <EditPanel vendor={shown.vendor} connection={shown.connection} onDone={onClose} />
    case 'check':
      return <CheckPanel connection={shown.connection} />
    case 'doctor':
      return <DoctorPanel connection={shown.connection} />
    case 'drill':
      return <DrillPanel connection={shown.connection} />
    case 'delete':
      return <DeletePanel connection={shown.connection} onDone={onClose} />
  }
}
