import 'openai'
