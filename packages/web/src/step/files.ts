/** A chosen file, as an action gets it: its name and its bytes as base64. */
export type ChosenFile = { readonly filename: string; readonly extension: string | undefined; readonly base64: string }

export async function readFile(file: File): Promise<ChosenFile> {
  const dot = file.name.lastIndexOf('.')
  return {
    filename: file.name,
    extension: dot > 0 ? file.name.slice(dot + 1) : undefined,
    base64: await base64Of(file),
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ''))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
