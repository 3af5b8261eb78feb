package ai.llmd.epp.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NearestNameTest {

  private static final List<String> KNOWN = List.of("queue-scorer", "random-picker");

  @Test
  void namesWhatWasMeant() {
    assertThat(NearestName.suggestion("Queue-scorrer", KNOWN))
        .isEqualTo("did you mean \"queue-scorer\"?");
  }

  @Test
  void namesAllThatThereIsWhenNothingIsNear() {
    assertThat(NearestName.suggestion("x", KNOWN)).isEqualTo("known: queue-scorer, random-picker");
    assertThat(NearestName.suggestion("x", List.of())).isEqualTo("known: none");
  }

  @Test
  @Timeout(20)
  void looksOnlyAtTheBeginningOfALongName() {
    List<String> many = Collections.nCopies(1_000, "queue-scorer");

    assertThat(NearestName.suggestion("x".repeat(4 << 20), many))
        .isEqualTo("nearest: queue-scorer, queue-scorer, queue-scorer");
  }
}
