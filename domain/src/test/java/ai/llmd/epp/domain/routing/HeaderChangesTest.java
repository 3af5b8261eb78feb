package ai.llmd.epp.domain.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeaderChangesTest {

  private final HeaderChanges changes = new HeaderChanges();

  @Test
  void startsWithNothing() {
    assertThat(changes.toSet()).isEmpty();
    assertThat(changes.isRemoved("x-a")).isFalse();
  }

  @Test
  void removesWhatWasSet() {
    changes.set("x-a", "1");
    changes.remove("x-a");

    assertThat(changes.toSet()).isEmpty();
    assertThat(changes.isRemoved("x-a")).isTrue();
  }

  @Test
  void setsAgainWhatWasRemoved() {
    changes.remove("x-a");
    changes.set("x-a", "2");

    assertThat(changes.toSet()).containsEntry("x-a", "2");
    assertThat(changes.isRemoved("x-a")).isFalse();
  }
}
