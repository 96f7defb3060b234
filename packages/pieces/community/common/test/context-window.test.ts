import { describe, expect, it } from 'vitest'
import { boundTokens, checkLength, contextWindowOf } from '../src/index.ts'
import { thrownBy } from './vendor.ts'

/** The first article of human rights, and how many tokens it has for o200k and for cl100k. */
const PROSE: [language: string, text: string, o200k: number, cl100k: number][] = [
  [
    'English',
    'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.',
    33,
    33,
  ],
  [
    'German',
    'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.',
    38,
    44,
  ],
  [
    'French',
    'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.',
    41,
    50,
  ],
  [
    'Polish',
    'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.',
    53,
    64,
  ],
  [
    'Finnish',
    'Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.',
    54,
    68,
  ],
  [
    'Turkish',
    'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.',
    46,
    60,
  ],
  [
    'Vietnamese',
    'Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.',
    50,
    84,
  ],
  [
    'Russian',
    'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.',
    41,
    74,
  ],
  [
    'Greek',
    'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.',
    71,
    172,
  ],
  [
    'Arabic',
    'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء.',
    42,
    80,
  ],
  [
    'Hebrew',
    'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.',
    50,
    129,
  ],
  [
    'Hindi',
    'सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।',
    54,
    180,
  ],
  [
    'Bengali',
    'সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।',
    56,
    213,
  ],
  ['Tamil', 'மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், உரிமைகளிலும் சமமானவர்கள்.', 34, 137],
  [
    'Thai',
    'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ',
    63,
    135,
  ],
  ['Chinese', '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。', 37, 52],
  [
    'Japanese',
    'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。',
    72,
    93,
  ],
  [
    'Korean',
    '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.',
    51,
    85,
  ],
  ['Georgian', 'ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.', 21, 144],
]

/** Without order that a vocabulary could know. */
const bytes = Buffer.from(Array.from({ length: 900 }, (_, i) => (i * i * 31 + i * 17) % 256))

const DATA: [what: string, text: string, o200k: number, cl100k: number][] = [
  [
    'numbers with commas',
    Array.from({ length: 300 }, (_, i) => `${i},${(i * 7919) % 1000},${((i * 31) % 97) / 10}`).join('\n'),
    2337,
    2337,
  ],
  ['numbers with spaces', Array.from({ length: 300 }, (_, i) => i % 10).join(' '), 599, 599],
  ['JSON of numbers', JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, x: id / 8 }))), 1952, 1952],
  [
    'JSON with indents',
    JSON.stringify({ name: 'piece', tags: ['a', 'b'], nested: { list: [{ id: 1 }, { id: 2 }] } }, null, 2).repeat(20),
    1181,
    1181,
  ],
  ['digits', '3141592653589793'.repeat(40), 214, 214],
  ['base64', bytes.toString('base64'), 795, 854],
  ['hex', bytes.toString('hex'), 1024, 1017],
  ['an unknown word', 'x'.repeat(3_000), 375, 375],
  ['long words', 'internationalization responsibilities characteristics administration '.repeat(40), 201, 201],
  [
    'compound words',
    'Donaudampfschifffahrtsgesellschaftskapitän Rechtsschutzversicherungsgesellschaften '.repeat(10),
    182,
    282,
  ],
  ['capitals', 'ALL HUMAN BEINGS ARE BORN FREE AND EQUAL IN DIGNITY AND RIGHTS. '.repeat(10), 181, 181],
  ['apostrophes', "don't can't it's he’ll we’ve ".repeat(40), 281, 401],
  ['addresses', 'https://example.com/a/b?c=d&e=f#g '.repeat(30), 361, 361],
  ['spaces', ' '.repeat(5_000), 40, 40],
  ['lines', '\n'.repeat(500), 32, 17],
  ['dashes', '-'.repeat(2_000), 31, 31],
  ['boxes', '┌──┬──┐│  │  │└──┴──┘'.repeat(20), 420, 420],
  ['symbols', '∑∫√∞≠≤≥∂∇∈∀∃'.repeat(20), 380, 480],
  ['emoji', '😀🎉👍❤️🚀🔥🙏😂🥳🤔'.repeat(20), 280, 560],
  ['families', '👩‍👩‍👧'.repeat(100), 800, 1300],
  ['flags', '🇩🇪🇫🇷🇯🇵🇧🇷'.repeat(50), 800, 1200],
  ['Arabic with its vowels', 'مُحَمَّدٌ رَسُولُ اللَّهِ '.repeat(20), 322, 441],
  ['rare Chinese characters', '龘齉爩麤灪龖厵靐'.repeat(20), 320, 360],
  ['very rare ones', '𠀀𠀁𠀂𠀃'.repeat(20), 240, 240],
]

describe('the bounds of the tokens of a text', () => {
  it.each([...PROSE, ...DATA])('hold for %s', (_what, text, ...counts) => {
    const { least, most } = boundTokens(text)
    expect(least).toBeLessThanOrEqual(Math.min(...counts))
    expect(most).toBeGreaterThanOrEqual(Math.max(...counts))
  })

  it.each(PROSE)('are near enough to be of use: %s', (_language, text, o200k, cl100k) => {
    const { least, most } = boundTokens(text)
    expect(least).toBeGreaterThan(o200k / 4)
    expect(most).toBeLessThan(cl100k * 2.5)
  })

  it('of English words: one each', () => {
    const { least } = boundTokens('The quick brown fox jumps over the lazy dog. '.repeat(1_000))
    expect(least).toBe(9_000)
  })

  it('of the parts of a text are never less than those of the whole', () => {
    for (const [, text] of [...PROSE, ...DATA]) {
      const middle = text.indexOf(' ', text.length / 2) + 1
      const [first, second] = [text.slice(0, middle), text.slice(middle)]
      expect(boundTokens(first).most + boundTokens(second).most).toBeGreaterThanOrEqual(boundTokens(text).most)
    }
  })

  it('of nothing are 0', () => {
    expect(boundTokens('')).toEqual({ least: 0, most: 0 })
  })
})

describe('checkLength', () => {
  const user = (content: string) => ({ role: 'user' as const, content })
  const of = { provider: 'openai', model: 'gpt-4o' }

  it('refuses what cannot fit, all messages together, with both numbers', async () => {
    expect(await contextWindowOf('openai', 'gpt-4o')).toBe(128_000)
    const half = 'word '.repeat(70_000)
    await checkLength([user(half)], of)
    const error = await thrownBy(() => checkLength([{ role: 'system', content: half }, user(half)], of))
    expect(error).toMatchObject({ code: 'context-length', actor: 'flow-author', provider: 'openai', model: 'gpt-4o' })
    expect(String(error)).toContain('The text has at least 140,000 tokens; gpt-4o accepts 128,000.')
  })

  it('lets what may fit go to the vendor', async () => {
    const unknown = { provider: 'openai', model: 'nobody-knows-it' }
    const spaces = { role: 'user' as const, content: [{ type: 'text' as const, text: ' '.repeat(1_000_000) }] }
    await expect(checkLength([user('مرحبا بالعالم 👋 '.repeat(40_000))], of)).resolves.toBeUndefined()
    await expect(checkLength([user('word '.repeat(1_000_000))], unknown)).resolves.toBeUndefined()
    await expect(checkLength([spaces], of)).resolves.toBeUndefined()
  })
})
