"""Trains small tokenizers of the families that models use, and records what Hugging Face's library makes of random texts.

    python3 -m venv v && v/bin/pip install tokenizers==0.22.2 && v/bin/python record_tokens.py ../resources/tokenizers

Tests read what it writes, and need no Python."""
import gzip, json, pathlib, random, sys, unicodedata
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

out = pathlib.Path(sys.argv[1]); out.mkdir(parents=True, exist_ok=True)
rnd = random.Random(20261130)
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LLAMA3.replace("{1,3}", "")
PHRASES = """The quick brown fox jumps over the lazy dog.|Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.
Voix ambiguë d’un cœur qui au zéphyr préfère les jattes de kiwis.|El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia.
Съешь ещё этих мягких французских булок, да выпей чаю.|Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.|いろはにほへと ちりぬるを|視野無限廣，窗外有藍天
키스의 고유조건은 입술끼리 만나야 하고|نص حكيم له سر قاطع وذو شأن عظيم|דג סקרן שט בים מאוכזב ולפתע מצא חברה|ऋषियों को सताने वाले दुष्ट राक्षसों के राजा
เป็นมนุษย์สุดประเสริฐเลิศคุณค่า|Tiếng Việt có nhiều dấu thanh điệu|Pchnąć w tę łódź jeża lub ośm skrzyń fig|İstanbul'da ılık bir gün
{"name": "get_weather", "arguments": {"city": "Zürich", "days": 3, "units": null}}|SELECT a.id, COUNT(*) FROM t AS a WHERE a.x <> 'it''s' GROUP BY 1;
I'll say they've won; it's 12,345.67 € (≈ $13k) – isn't it?|https://example.org/a_b?c=%20d&e=f#g|#include <stdio.h>\\nint main(void) { return 0; }""".replace("\n", "|").split("|")
EMOJI = "😀 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭 ❤️ ✨ 🧑‍💻 1️⃣".split()
CONTROL = ["\x00", "\x07", "\x1b[31m", "\u200b", "\u200e", "\u202e", "\ufeff", "\u00a0", "\u2028", "\t", "\r\n", "\n", "\n\n", "   ", "\x85", "\u00ad", "\ufffd", "\u0301", "\x0b", "\x0c"]
SPECIAL = ["<|im_start|>", "<|im_end|>", "<s>", "</s>", "[CLS]", "<unk>", "<|im_", "<<s>>", "<|im_start|><|im_end|>", "<|eot|>", "<mid>", "<pad>"]
WORDS = "get set read write token prompt index cache buffer node value key path name size count list map tree hash block page queue lock user item row".split()
FORMS = ["def {a}_{b}({c}, *, {d}=None):", "    return self.{a}[{c}:{n}] + {b}.{d}()", "if ({a} != {b} && !{c}->{d}) {{", "\tfor (int {a} = 0; {a} < {n}; ++{a}) {b}[{a}] = '{c}';",
         "// TODO({a}): {b} {c} before {d}", "public static final String {a}{b} = \"{c}\\n\";", "{a}: &{b} [{n}, {n}.5, 1e-{n}, 0x{n:x}]", "let {a} = {b}.iter().map(|{c}| {c} << {n} ^ {d}).collect::<Vec<_>>();",
         "        raise {a}Error(f\"{{{b}!r}} is no {c}\")  # {d}", "<div class=\"{a}-{b}\" id='{c}'>{d} &amp; {n}</div>", "$ {a} --{b}={n} -{c[0]} ./{d}/*.txt | grep -v '^#' > /tmp/{a}.{n}", "}}", "    }}, {n});"]

def line():
    pick = lambda: rnd.choice(WORDS).title() if rnd.random() < .2 else rnd.choice(WORDS)
    return rnd.choice(FORMS).format(a=pick(), b=pick(), c=pick(), d=pick(), n=rnd.randint(0, 10 ** rnd.randint(1, 6)))

lines = [line() for _ in range(6000)]

def characters(ranges, n):
    return "".join(chr(rnd.randint(*rnd.choice(ranges))) for _ in range(n))

def piece():
    kind = rnd.randrange(16)
    if kind < 4: return rnd.choice(PHRASES)
    if kind < 6: return "\n".join(rnd.choice(lines) for _ in range(rnd.randint(1, 4)))
    if kind == 6: return rnd.choice(EMOJI) * rnd.randint(1, 3)
    if kind == 7: return rnd.choice(CONTROL) * rnd.randint(1, 3)
    if kind == 8: return characters([(0x20, 0x7e)], rnd.randint(1, 30))
    if kind == 9: return characters([(0xa1, 0x24f), (0x370, 0x52f), (0x590, 0x6ff), (0x900, 0x97f), (0x3040, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3)], rnd.randint(1, 20))
    if kind == 10: return characters([(0x1f300, 0x1faff), (0x10000, 0x1007f), (0x1d400, 0x1d7ff), (0x20000, 0x2a6df), (0xfb00, 0xfb06), (0xff01, 0xff5e)], rnd.randint(1, 8))
    return unicodedata.normalize("NFD", rnd.choice(PHRASES)) if kind == 11 else rnd.choice(SPECIAL) + rnd.choice(["", " ", "\n", "user\n"])

def text():
    return rnd.choice(["", " ", "\n"]).join(piece() for _ in range(rnd.randint(1, 6)))

texts = ["", " ", "\n", "a"] + [text() for _ in range(996)]
corpus = PHRASES * 30 + EMOJI * 10 + lines

def special(tok, *names, **kind):
    tok.add_special_tokens([AddedToken(n, normalized=False, special=True, **kind) for n in names])

def around(tok, before, after=()):
    ids = [(n, tok.token_to_id(n)) for n in {*before, *after}]
    tok.post_processor = processors.TemplateProcessing(single=" ".join([*before, "$A", *after]), pair="$A $B", special_tokens=ids)

def llama3():
    tok = Tokenizer(models.BPE(ignore_merges=True))
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    special(tok, "<s>", "</s>", "<|im_start|>", "<|im_end|>")
    around(tok, ["<s>"])
    tok.enable_truncation(max_length=16); tok.enable_padding(length=32)  # model servers go by neither
    return tok

def gpt2():
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True); tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    special(tok, "<|im_start|>"); special(tok, "<|im_end|>", rstrip=True); special(tok, "<mid>", lstrip=True); special(tok, "<pad>", single_word=True)
    return tok

def qwen():
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tok.decoder = decoders.ByteLevel(); tok.post_processor = processors.ByteLevel(trim_offsets=False)
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    special(tok, "<|im_start|>", "<|im_end|>")
    tok.add_tokens([AddedToken("<|eot|>", normalized=False)])
    return tok

def byte_fallback(tok, names):
    pieces = names + ["<0x%02X>" % b for b in range(256)]
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=2500, special_tokens=pieces, limit_alphabet=300, show_progress=False))
    spec = json.loads(tok.to_str())
    spec["added_tokens"] = [t for t in spec["added_tokens"] if not t["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(spec))

def llama2():
    tok = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tok.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tok.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tok = byte_fallback(tok, ["<unk>", "<s>", "</s>"])
    around(tok, ["<s>"])
    return tok

def mistral():
    tok = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    tok.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    tok = byte_fallback(tok, ["<unk>", "<s>", "</s>"])
    special(tok, "<|im_start|>", "<|im_end|>")
    tok.add_tokens([AddedToken("\n\n", normalized=False)])
    around(tok, ["<s>"])
    return tok

def bert():
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tok.normalizer = normalizers.BertNormalizer(lowercase=True); tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer(); tok.decoder = decoders.WordPiece()
    tok.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=2500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    around(tok, ["[CLS]"], ["[SEP]"])
    return tok

def unigram():
    tok = Tokenizer(models.Unigram())
    tok.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"); tok.decoder = decoders.Metaspace()
    tok.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=2000, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    special(tok, "<|im_start|>", "<|im_end|>")
    around(tok, [], ["</s>"])
    return tok

def write(name, content):
    with open(out / name, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
        f.write(content.encode())

write("texts.json.gz", json.dumps(texts))
for family in (llama3, gpt2, qwen, llama2, mistral, bert, unigram):
    tok = family()
    write(family.__name__ + ".json.gz", json.dumps(json.loads(tok.to_str()), ensure_ascii=False))
    tok.no_truncation(); tok.no_padding()
    rows = []
    for t in texts:
        rows.append(" ".join(map(str, tok.encode(t).ids)))
        rows.append(" ".join(map(str, tok.encode(t, add_special_tokens=False).ids)))
    write(family.__name__ + ".ids.gz", "\n".join(rows) + "\n")
    print(family.__name__, tok.get_vocab_size(), sum(len(r.split()) for r in rows))
