package ai.llmd.epp.adapter.tokenizers.jinja;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chat templates: refused when they are read or rendered, or rendered to a text that is no longer
 * than what they may do, and to the same text again.
 */
public final class ChatTemplateFuzz {

  private static final long EFFORT = 100_000;
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "messages",
          List.of(
              Map.of("role", "system", "content", "Be brief.\n"),
              Map.of(
                  "role", "user", "content", List.of(Map.of("type", "text", "text", "Grüße 🗼"))),
              Map.of("role", "assistant", "content", None.NONE, "tool_calls", List.of(1L, -2.5))),
          "tools",
          List.of(Map.of("type", "function", "function", Map.of("name", "f", "strict", true))),
          "bos_token",
          "<s>",
          "add_generation_prompt",
          true);

  private ChatTemplateFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Template template;
    try {
      template =
          Template.read(
              new String(data, StandardCharsets.UTF_8), () -> LocalDateTime.of(2026, 3, 7, 4, 5));
    } catch (TemplateException refused) {
      return;
    }
    String text = rendered(template);
    if (text != null && text.length() > EFFORT) {
      throw new IllegalStateException("the text is longer than the template may make it");
    }
    if (text != null && !text.equals(rendered(template))) {
      throw new IllegalStateException("another text when it is rendered again");
    }
  }

  private static @Nullable String rendered(Template template) {
    try {
      return template.render(VARIABLES, new Effort(EFFORT));
    } catch (TemplateException refused) {
      return null;
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            """
            {{- bos_token }}{% set ns = namespace(n=0, s='x', all=[]) -%}
            {%- macro turn(role, text='', more=none) %}<|{{ role | upper }}|>{{ text | trim }}{% endmacro %}
            {%- for m in messages if m.role != "tool" %}
                {%- if loop.first and m['content'] is string %}{{ turn('system', m.content) }}
                {%- elif m.content is iterable and m.content is not none %}
                    {%- for p in m.content %}{{ turn(m.role, text=p.text) ~ loop.index }}{% else %}-{% endfor %}
                {%- else %}{% set ns.n = ns.n + 1 %}{{ m.tool_calls | tojson(indent=2) }}{% endif %}
                {%- set ns.s = ns.s ~ loop.cycle('a', 'b') %}{% if ns.n > 3 %}{% break %}{% endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}{{ ns.s * 3 }}
            """,
            """
            {{ tools | tojson }}{{ tools[0].function.items() | list }}{{ tools | map(attribute='type') | join(', ') }}
            {{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages[::-1][0:2] | length }}
            {{ [3, 1.5, true, none, -2] | sort(reverse=true) }}{{ {'b': 1, 'a': (1, 2)} | dictsort }}
            """,
            """
            {% set text %}a, b<think>c</think> d{% endset %}{{ text.split('</think>')[-1].strip('\\n ') }}
            {{ text.replace('a', 'bb', 1) | indent(4, true) }}{{ text.rsplit(',', 1) }}{{ text[1:-1:2] }}{{ text.find('b') }}
            {{ '{} {a}'.format(1, a=text) }}{{ text.partition('<') }}{{ text.zfill(20) }}{{ text | title }}{{ text.splitlines() }}
            """,
            """
            {# numbers #}{{ 7 // 2 ** 3 % 4 - -1 }}{{ 1_000.5e-3 | round(2, 'ceil') }}{{ '12' | int + '1e3' | float }}
            {{ range(10, 0, -3) | list }}{{ range(5) | sum }}{{ [1, 2] | max }}{{ 9223372036854775807 | abs }}{{ 3 is divisibleby 2 }}
            {{ strftime_now('%d %b %Y') }}{{ "\\x41\\u00e9\\U0001F5FC\\101" }}{{ 1 < 2 <= 2 and not 3 in [1, 2] or 'a' in 'abc' }}
            {%- raw %}{{ raw }}{% endraw %}{% generation %}g{% endgeneration %}{{ x if x is defined else 'y' }}
            """,
            """
            {% macro f(n) %}{{ n }}{{ f(n - 1) if n > 0 }}{% endmacro %}{{ f(5) }}
            {% set ns = namespace(l=[1]) %}{% for i in range(6) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | unique | list }}
            {{ raise_exception('no') if messages | length > 9 }}{{ dict(a=1, b=2) }}{{ ('a' | safe) + '<' }}
            """)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
