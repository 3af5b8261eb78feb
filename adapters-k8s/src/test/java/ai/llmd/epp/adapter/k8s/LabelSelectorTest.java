package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {

  private static final Map<String, String> LABELS =
      Map.of("app", "vllm", "example.com/tier", "gold", "gpus", "8", "empty", "");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                   | true",
        "app=vllm                             | true",
        "app==vllm                            | true",
        "app = vllm , gpus                    | true",
        "app=sglang                           | false",
        "app!=sglang                          | true",
        "app!=vllm                            | false",
        "absent!=x                            | true",
        "example.com/tier in (silver, gold)   | true",
        "app in (sglang,trtllm)               | false",
        "absent in (a)                        | false",
        "app notin (sglang,trtllm)            | true",
        "app notin (vllm)                     | false",
        "absent notin (a)                     | true",
        "gpus                                 | true",
        "absent                               | false",
        "!absent                              | true",
        "!gpus                                | false",
        "gpus>7                               | true",
        "gpus>8                               | false",
        "gpus<9                               | true",
        "app<9                                | false",
        "empty=                               | true",
        "empty in ()                          | true",
        "app=vllm,!absent,gpus in (4,8)       | true",
        "in=x                                 | false",
        "!in                                  | true",
      })
  void matchesAsKubectlDoes(String text, boolean isMatch) {
    assertThat(LabelSelector.parse(text).matches(LABELS)).isEqualTo(isMatch);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=a",
        "a=b=c",
        "a b",
        "a in",
        "a in (b",
        "a in b",
        "a,,b",
        "a,",
        "a=b c",
        "-a=b",
        "a=-b",
        "/a=b",
        "a/b/c=d",
        "A.B/c=d",
        "a>b",
        "!a=b",
        "a notin (b))",
        "a=$",
      })
  void refusesWhatIsNoSelectorWithItsPosition(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelSelector.parse(text))
        .withMessageContaining("expected")
        .withMessageContaining("at position");
  }
}
