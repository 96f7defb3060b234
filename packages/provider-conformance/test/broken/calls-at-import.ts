await fetch('http://127.0.0.1:65530/').catch(() => undefined)
