/** The image that the emulator returns for every request: 32 by 32 pixels, PNG, as base64. */
export const SAMPLE_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAABlBMVEXu8v9PRuVoXfJ4AAAAMUlEQVR42mNgwAb4QYR8A4ywPwBl' +
  'sf//h5M4wMBS//8DUDGE+AEnPkAkwEpwGoALAAAkBCpIWenZGAAAAABJRU5ErkJggg=='

/** Creates a WAV file with one second of a quiet tone. */
export function sampleWav(): Buffer {
  const samples = Array.from(
    { length: SAMPLE_RATE },
    (_, index) => Math.sin((index / SAMPLE_RATE) * 2 * Math.PI * 440) * 4_000,
  )
  const data = Buffer.alloc(samples.length * 2)
  for (const [index, sample] of samples.entries()) data.writeInt16LE(Math.round(sample), index * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20) // PCM
  head.writeUInt16LE(1, 22) // one channel
  head.writeUInt32LE(SAMPLE_RATE, 24)
  head.writeUInt32LE(SAMPLE_RATE * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

const SAMPLE_RATE = 8_000
