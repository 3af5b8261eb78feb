"""Records what Jinja for Python makes of the templates beside the tests, in the environment that chat templates are rendered in.

    python3 -m venv v && v/bin/pip install jinja2==3.1.6 && v/bin/python record_templates.py ../resources/templates [FOLDER of more templates, to be tested with -Dgolden.dir]"""
import datetime, gzip, json, pathlib, sys
import jinja2, jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

class Generation(jinja2.ext.Extension):
    tags = {"generation"}
    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_all"), [], [], body).set_lineno(line)
    def _all(self, caller):
        return caller()

def refuse(message):
    raise jinja2.exceptions.TemplateError(message)

NOW = datetime.datetime(2026, 3, 7, 4, 5, 9)
environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
environment.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = NOW.strftime

weather = {"type": "function", "function": {"name": "get_weather", "description": "Says what the weather is\nin a city.", "parameters": {"type": "object", "properties": {
    "city": {"type": "string", "description": "Größte zuerst: \"Zürich\""}, "days": {"type": ["integer", "null"], "default": 3}, "units": {"type": "string", "enum": ["°C", "°F"]},
    "places": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number", "default": 1e-7}}, "required": ["x"]}, "nullable": True}}, "required": ["city"]}}}
clock = {"type": "function", "function": {"name": "clock", "description": None, "parameters": {"type": "object", "properties": {}}}}
say = lambda role, content, **more: {"role": role, "content": content, **more}
call = lambda name, arguments, id="call_123456": {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
text = lambda *texts: [{"type": "text", "text": t} for t in texts]
conversations = [
    [say("user", "Hello")],
    [say("system", "  You are brief. "), say("user", "Grüße an 東京 🗼\n\n\"quoted\" <b>&amp;</b>\t{{ not a tag }} {% nor this %}")],
    [say("user", "1"), say("assistant", "2"), say("user", "3"), say("assistant", "<think>\nhm\n</think>\n\n4"), say("user", "5")],
    [say("system", "s"), say("user", "weather?"), {"role": "assistant", "content": "", "tool_calls": [call("get_weather", {"city": "Zürich", "days": 2, "f": 1.50, "big": 12345678901234567890, "none": None, "yes": True})]},
     say("tool", "{\"t\": 21.5}", tool_call_id="call_123456")],
    [say("user", "both"), say("assistant", None, tool_calls=[call("clock", {}), call("get_weather", {"city": "a", "nested": [1, [2, {"b": "c"}]]}, "call_654321")]), say("tool", "noon", tool_call_id="call_123456", name="clock"),
     say("tool", "rain", tool_call_id="call_654321", name="get_weather"), say("assistant", "Rain at noon."), say("user", "thanks")],
    [say("user", text("one ", " two")), say("assistant", text("three")), say("user", text(""))],
    [say("system", text("sys")), say("user", text("a"))],
    [say("user", "a"), say("user", "b")],
    [say("assistant", "begins"), say("user", "x" * 50)],
    [say("user", "q"), say("assistant", "a", reasoning="because", reasoning_content="because"), say("user", "q2"), say("assistant", "partial", reasoning="new", reasoning_content="new")],
    [say("developer", "rules"), say("user", "q"), say("assistant", " padded \n"), say("user", "\n end \n")],
    [say("user", "x"), say("assistant", "done", tool_calls=[call("get_weather", "{\"city\": 1}")]), say("tool", text("result"), tool_call_id="abcdefghi")],
]
settings = [{"add_generation_prompt": True}, {"add_generation_prompt": False}, {"add_generation_prompt": True, "tools": [weather, clock]},
            {"add_generation_prompt": True, "enable_thinking": False, "tools": [clock]}, {"add_generation_prompt": True, "tools": None, "documents": None, "thinking": True}]
snippets = """{{ 1 + 2 * 3 ** 2 - 7 // 2 }} {{ 7 / 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7.5 % 2 }} {{ 2 ** -1 }} {{ 1e22 }} {{ 1e-5 }} {{ 123456789.123 }} {{ 0.1 + 0.2 }} {{ 1.0 }} {{ 1e16 }}
{{ [1, 'a', "b'c", 'd"e', none, true, 1.5, {'k': [()]}, (1,), (1, 2), 'ü\\n\\t\\\\\\x00\\u200b'] }}
{{ 'a' ~ 1 ~ none ~ true ~ undefined_thing ~ [1] }}|{{ undefined_thing }}|{{ none }}
{{ 'x' if false }}|{{ ('x' if false) is undefined }}|{{ 1 < 2 < 3 }}|{{ 3 > 2 > 2 }}|{{ 1 in [1.0] }}|{{ 'b' not in 'abc' }}|{{ 'k' in {'k': 1} }}
{{ 'abcdef'[1:4] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[-3:] }} {{ 'abcdef'[::2] }} {{ [1,2,3,4][:-1] }} {{ [1,2,3][5:] }} {{ [1,2,3][-1] }} {{ 'héllo'[1] }} {{ '🗼🗽x'[1:] }} {{ '🗼🗽x'|length }} {{ (1,2,3)[::-1] }} {{ 'abc'[10:1:-1] }}
{{ '  a b '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xa'.lstrip('x') }}|{{ 'a\\n\\n'.rstrip('\\n') }}|{{ 'a,b,,c'.split(',') }}|{{ ' a  b '.split() }}|{{ 'a b c'.split(' ', 1) }}|{{ 'a b c'.rsplit(' ', 1) }}|{{ 'a  b c '.split(none, 1) }}
{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abcabc'.replace('b', 'X') }} {{ 'abcabc'.replace('b', 'X', 1) }} {{ 'abcb'.find('b') }} {{ 'abcb'.rfind('b') }} {{ 'abcb'.count('b') }} {{ 'ab'.upper() }} {{ 'AB'.lower() }} {{ "they're bill's".title() }} {{ 'hELLO'.capitalize() }} {{ '-'.join(['a','b']) }} {{ 'a=b'.partition('=') }} {{ 'a'.isdigit() }} {{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'A1'.isalnum() }} {{ ' '.isspace() }} {{ 'pre_x'.removeprefix('pre_') }} {{ 'x.y'.removesuffix('.y') }} {{ 'a\\nb\\r\\nc'.splitlines() }} {{ '{} {x}{{}}'.format(1, x='y') }} {{ '5'.zfill(3) }}
{% set d = {'a': 1, 'b': {'c': [1]}} %}{{ d.items() | list }} {{ d.keys() | list }} {{ d.get('x') }} {{ d.get('x', 2) }} {{ d.b.c[0] }} {{ d['b']['c'] }} {{ d.x }} {{ d | length }} {{ d | tojson }} {% for k, v in d | items %}{{ k }}{{ v }}{% endfor %} {% for k in d %}{{ k }}{% endfor %} {{ d|dictsort|last|first }}
{{ [3,1,2]|sort }} {{ [3,1,2]|sort(reverse=true) }} {{ ['b','A']|sort }} {{ [1,1,2]|unique|list }} {{ [1,2]|sum }} {{ [1,2]|min }} {{ [1,2]|max }} {{ [1,2]|first }} {{ []|first }} {{ [1,2]|last }} {{ [1,2]|reverse|list }} {{ 'abc'|reverse }} {{ -3|abs }} {{ 2.5|round }} {{ 3|round }} {{ 2.567|round(1) }} {{ 2.1|round(0,'ceil') }} {{ '12'|int }} {{ '1.9'|int }} {{ 'x'|int(5) }} {{ 3.9|int }} {{ '1.5'|float }} {{ 'x'|float }}
{{ [{'a': 1, 'r': 'u'}, {'a': 2, 'r': 's'}] | selectattr('r', 'equalto', 'u') | list }} {{ [{'a': 1}, {'b': 1}] | selectattr('a', 'defined') | list }} {{ [{'a': 1}, {'a': 0}] | rejectattr('a') | list }} {{ [1,0,2] | select | list }} {{ [1,2,3] | select('odd') | list }} {{ [1,2,3] | reject('gt', 1) | list }} {{ ['a','b'] | map('upper') | join(',') }} {{ [{'a': {'b': 1}}, {}] | map(attribute='a.b', default='-') | list }} {{ ['ab'] | map('replace', 'a', 'x') | list }} {{ [[1,2]]|map('first')|list }} {{ [{'t':'x'},{'t':'y'}]|join('/', attribute='t') }}
{{ 'a' | default('b') }} {{ missing | default('b') }} {{ '' | default('b') }} {{ '' | default('b', true) }} {{ none | default('b') }} {{ missing | d }}| {{ 'Abc'|lower|upper|trim|length }} {{ '  x '|trim }}| {{ 'xay'|trim('xy') }} {{ 'abc'|replace('b','') }} {{ 5|string + '5' }} {{ [1,2]|join }} {{ 'a b'|capitalize }} {{ 'abc'|list }} {{ 'l1\\nl2\\n\\nl3'|indent }} {{ 'l1\\nl2'|indent(2, true) }} {{ 'l1\\n\\nl2'|indent('> ', blank=true) }}
{{ {'a': 'ü"\\\\/\\n\\x7f\\u2028', 'b': [1.0, 1e100, -0.0, 12345678901234567890], 'c': {}, 'd': []} | tojson }} {{ {'b': 1, 'a': [1, {'x': none}], 'e': [], 'f': {}} | tojson(indent=2) }} {{ 'ü🗼' | tojson(ensure_ascii=true) }} {{ {'b':1,'a':2} | tojson(sort_keys=true, separators=(',', ':')) }} {{ {2: 2, none: 3, true: 4} | tojson }} {{ (1, 2) | tojson }}
{{ 1 is number }} {{ true is number }} {{ true is integer }} {{ 1 is integer }} {{ 1.0 is float }} {{ 'a' is string }} {{ {} is mapping }} {{ [] is sequence }} {{ 'a' is iterable }} {{ 1 is iterable }} {{ none is none }} {{ x is defined }} {{ x is not defined }} {{ 3 is odd }} {{ 4 is even }} {{ 6 is divisibleby 3 }} {{ 1 is eq 1 }} {{ 'a' is in ['a'] }} {{ true is true }} {{ 1 is true }} {{ false is false }} {{ none is sameas none }} {{ 'AB' is upper }} {{ not 1 is none }} {{ 'a' is equalto('a') and 1 }}
{% set ns = namespace(n=0, l=[]) %}{% for i in range(5) %}{% if i == 3 %}{% continue %}{% endif %}{% set ns.n = ns.n + i %}{% set ns.l = ns.l + [i] %}{% set local = i %}{% endfor %}{{ ns.n }} {{ ns.l }} {{ local }} {{ range(2, 10, 3)|list }} {{ range(5, 0, -2)|list }} {% for i in range(9) %}{% if i > 2 %}{% break %}{% endif %}{{ i }}{% else %}none{% endfor %}{% for i in [] %}x{% else %}none{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('x', 'y') }}{{ a }}{{ b }} {% for c in 'ab' %}{{ loop.depth }}{{ c }}{% endfor %}{% endfor %}
{% macro m(a, b='B', c=a) %}[{{ a }}{{ b }}{{ c }}{{ outer }}]{% endmacro %}{% set outer = 'o' %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}{{ m() }}{% for x in [1] %}{{ m(x) ~ 'y' }}{% endfor %}{% macro fact(n) %}{{ 1 if n < 2 else n * (fact(n - 1)|int) }}{% endmacro %}{{ fact(5) }}
{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}{% for i in [1] %}{% set x = 3 %}{{ x }}{% endfor %}{{ x }}{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set block %} b {{ x }}{% endset %}{{ block }}|{% set t = 1, 2 %}{{ t }}
  {% if true %}
    a
  {% endif %}  
  {%- if true -%}   
 b   
  {%- endif +%}
c
  {%+ if true %}d{% endif %}

e {# comment #}
  {# whole line #}
f{{- ' g ' -}}   h
{% raw %}{{ raw }} {% if %}{% endraw %}

i
{{ 'a' 'b' }} {{ "q\\"q" }} {{ 'it\\'s' }} {{ '\\u00e9\\x41\\101' }} {{ 1_000 }} {{ true and 'x' }} {{ '' or 'y' }} {{ not '' }} {{ (1 if true else 2) + 1 }} {{ [1,2,] }} {{ {'a':1,}.a }} {{ -(1) }} {{ +1 }} {{ - 2 * 3 }} {{ 'a' * 3 }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 2 * 'b' }} {{ True + 1 }} {{ [1,2] == [1,2] }} {{ (1,2) == [1,2] }} {{ {'a':1} == {'a':1.0} }} {{ 'a' < 'b' }} {{ '1' == 1 }} {{ missing == none }} {{ 1 != 2 }} {{ none == false }}
{{ missing.x }}
{{ missing[0] }}
{{ missing() }}
{{ 'a' + 1 }}
{{ none + 'a' }}
{{ [1].append(2) }}
{{ {'a':1}.update({'b':2}) }}
{{ none | tojson }}{{ missing | tojson }}
{{ 'a' < 1 }}
{{ 1 in 'abc' }}
{{ 1 / 0 }}
{{ none | length }}
{{ none.x }}|{{ 'abc'.nothing }}|{{ {}.nothing }}|{{ 5 .x }}|{{ messages[99] }}
{{ 'a'.join([1]) }}
{{ range(200000)|length }}
{{ raise_exception('no') }}
{% set missing.x = 1 %}
{% for a, b in [(1,)] %}{% endfor %}
{{ strftime_now('%d %b %Y|%B %Y|%A %a|%H:%M:%S|%I %p|%y-%m-%-d|%j|%%') }}
{% set s = {'a': '<'} | tojson | safe %}{{ s }} {{ '<'|safe }} {{ s is string }} {{ s == '{"a": "<"}' }} {{ s|string }} {{ '' if s else 'x' }} {{ s ~ '<' }} {{ s + '<&' }} {{ '<' + s + "'" ~ '<' }} {{ [s, '<']|join('>') }}
{% for m in messages %}{{ m.role }}:{{ m.content|string|length }}{{ ',' if not loop.last }}{% endfor %} {{ messages|map(attribute='role')|unique|join('+') }} {{ messages[-1].role }} {{ (messages|selectattr('role', 'eq', 'user')|first).role }} {{ messages|rejectattr('role', 'in', ['user', 'system'])|list|length }}
{% for m in messages %}{{ 'ABCABC'[loop.index0] }}{{ m.tool_calls[0].function.arguments|tojson if m.tool_calls is defined and m.tool_calls }}{% endfor %}""".split("\n")

def joined(lines):
    block, out = [], []
    for l in lines:  # the white space snippet takes several lines
        if block or l.startswith("  {% if true %}"):
            block.append(l)
            if l == "i": out.append("\n".join(block)); block = []
        else: out.append(l)
    return out

def expected(template, variables):
    try: return environment.from_string(template).render(**variables)
    except Exception as e: return None

def record(folder, more):
    cases = []
    for path in sorted(folder.glob("*.jinja")):
        source = path.read_text()
        for messages in conversations:
            for setting in settings:
                variables = {"messages": messages, "bos_token": "<s>", "eos_token": "</s>", **setting}
                cases.append({"name": path.name, "template": source, "variables": variables, "expected": expected(source, variables)})
    if not more:
        for snippet in joined(snippets):
            variables = {"messages": conversations[4]}
            cases.append({"name": snippet, "template": snippet, "variables": variables, "expected": expected(snippet, variables)})
    with open(folder / "templates.json.gz", "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
        f.write(json.dumps(cases).encode())
    print(folder, len(cases), sum(c["expected"] is None for c in cases), "refused")
    if not more: print([c["name"] for c in cases if c["expected"] is None and not c["name"].endswith(".jinja")])

record(pathlib.Path(sys.argv[1]), False)
for more in sys.argv[2:]: record(pathlib.Path(more), True)
