package ai.llmd.epp.adapter.tokenizers.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A template is a program: what would compute for hours, or fill the memory, is refused. */
class TemplateBoundsTest {

  private static final String FOR_40 = "{% for i in range(40) %}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        // loops inside of loops
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{{ range(100000) | sum }}{% endfor %}",
        "{% for a in range(100000) %}{{ range(100000) | select('divisibleby', 3) | list }}{% endfor"
            + " %}",
        "{% for a in range(100000) if 100000 in range(100000) %}{% endfor %}",
        // values that double
        "{% set n = namespace(s='x') %}" + FOR_40 + "{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s='x') %}" + FOR_40 + "{% set n.s = n.s + n.s %}{% endfor %}",
        "{% set n = namespace(s=[1]) %}" + FOR_40 + "{% set n.s = n.s + n.s %}{% endfor %}",
        "{% set n = namespace(s='xx') %}"
            + FOR_40
            + "{% set n.s = n.s.replace('x', n.s) %}{% endfor %}",
        "{% set n = namespace(s='xx') %}" + FOR_40 + "{% set n.s = n.s | join(n.s) %}{% endfor %}",
        "{% set n = namespace(s='x') %}"
            + FOR_40
            + "{% set n.s = '{a}{a}'.format(a=n.s) %}{% endfor %}",
        "{% set n = namespace(s='x') %}"
            + FOR_40
            + "{% set n.s %}{{ n.s }}{{ n.s }}{% endset %}{% endfor %}",
        // values that hold the same one twice, again and again
        "{% set n = namespace(s=1) %}" + FOR_40 + "{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
        "{% set n = namespace(s=1) %}"
            + FOR_40
            + "{% set n.s = {'a': n.s, 'b': n.s} %}{% endfor %}{{ n.s | tojson }}",
        "{% set n = namespace(s=1, t=1) %}"
            + FOR_40
            + "{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.s == n.t }}",
        // large texts
        "{{ ('\\n' * 1000000) | indent(1000) }}",
        "{{ [[[[1]]]] | tojson(indent='x' * 100000000) }}",
        "{{ range(100000) | list | tojson(indent='x' * 100000) }}",
        "{{ range(100000) | join('x' * 100000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 'ab' * 4611686018964258816 }}", // their product is negative
        "{{ 4611686018964258816 * 'ab' }}",
        "{{ ('x' * 1000000).strip('y' * 1000000 ~ 'x') }}",
        "{{ ('x' * 1000000).find('x' * 500000 ~ 'y') }}",
        "{% for i in range(100000) %}{{ ('x' * 1000000) | length }}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in range(100000) %}{{ s[i] }}{% endfor %}",
        "{% set s = 'x ' * 500000 %}{% for i in range(1000) %}{{ s.split() | length }}{% endfor %}",
        // macros that call themselves
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{{ f(n - 1) ~ f(n - 1) if n > 0 }}{% endmacro %}{{ f(90) }}",
      })
  void endsWhatDoesTooMuch(String template) {
    Template read = read(template);
    assertThatThrownBy(() -> read.render(Map.of(), new Effort(Effort.MAX / 16)))
        .isInstanceOf(TemplateException.class);
  }

  @Test
  void endsWhatDoesTooMuchByItself() {
    Template read = read("{% for a in range(100000) %}{{ range(100000) | sum }}{% endfor %}");
    assertThatThrownBy(() -> read.render(Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessage("the template does too much");
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    Template read =
        read("{% for a in range(100000) %}{% for b in range(10) %}{% endfor %}{% endfor %}");
    assertThat(read.render(Map.of())).isEmpty();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> read.render(Map.of()))
          .isInstanceOf(TemplateException.class)
          .hasMessageContaining("takes too long");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void rendersWhatIsLongButNoMore() {
    String content = "Some words, and more of them.\n".repeat(150_000); // 4.5 MB
    Template template =
        read(
            """
            {%- for m in messages %}{% if m.content is string and '</think>' in m.content %}-{% endif %}
            {{- '<|im_start|>' + m.role + '\\n' + m.content.split('</think>')[-1].lstrip('\\n') | trim + '<|im_end|>' }}
            {%- endfor %}
            """);
    Map<String, Object> message = Map.of("role", "user", "content", content);
    assertThat(template.render(Map.of("messages", List.of(message, message))))
        .hasSizeGreaterThan(2 * content.length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a\\7",
        "{{ a.99999999999999999999 }}",
        "{{ [1] | map(attribute='99999999999999999999') | list }}",
        "{{ '{99999999999}'.format(1) }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ [1][::9223372036854775807] }}{{ [1][::-9223372036854775807] }}",
        "{{ {[1]: 2} }}",
        "{{ {}[[1]] }}",
        "{{ [[1], [1]] | unique | list }}",
        "{{ (-9223372036854775807 - 1) | abs }}",
        "{{ ('nan' | float) | round }}{{ (1e308 * 10) | round }}"
      })
  void hasNoFailuresOfItsOwn(String template) {
    try {
      read(template).render(Map.of());
    } catch (TemplateException refused) {
      assertThat(refused).hasMessageNotContainingAny("Exception", "null");
    }
  }

  @Test
  void refusesToReadWhatIsNestedVeryDeeply() {
    int deep = 200_000;
    for (String template :
        List.of(
            "{{ " + "(".repeat(deep) + "1" + ")".repeat(deep) + " }}",
            "{{ " + "not ".repeat(deep) + "1 }}",
            "{{ " + "-".repeat(deep) + "1 }}",
            "{{ a" + ".b".repeat(deep) + " }}",
            "{{ 1" + "_1".repeat(deep) + " }}",
            "{{ " + "1".repeat(deep) + " }}",
            "{% if a %}".repeat(deep),
            "{% if a %}" + "{% elif a %}".repeat(deep) + "{% endif %}")) {
      assertThatThrownBy(() -> read(template))
          .as(template.substring(0, 20))
          .isInstanceOf(TemplateException.class);
    }
  }

  private static Template read(String template) {
    return Template.read(template, () -> LocalDateTime.of(2026, 11, 30, 12, 0));
  }
}
