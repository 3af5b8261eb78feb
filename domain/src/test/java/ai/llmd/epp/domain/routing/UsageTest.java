package ai.llmd.epp.domain.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsageTest {

  @Test
  void laterCountsOverwriteAndZeroesDoNot() {
    Usage merged = new Usage(10, 1, 11, -1).merge(new Usage(0, 5, 0, -1));

    assertThat(merged).isEqualTo(new Usage(10, 5, 15, -1));
  }

  @Test
  void aCompleteChunkBringsItsOwnTotal() {
    Usage merged = Usage.NONE.merge(new Usage(10, 5, 99, -1));

    assertThat(merged.totalTokens()).isEqualTo(99);
  }

  @Test
  void anIncompleteChunkHasItsTotalComputed() {
    Usage merged = Usage.NONE.merge(new Usage(10, 0, 99, -1));

    assertThat(merged.totalTokens()).isEqualTo(10);
  }

  @Test
  void cachedTokensStayUntilReportedAgain() {
    Usage reported = new Usage(10, 1, 11, 4).merge(new Usage(0, 2, 0, -1));

    assertThat(reported.cachedTokens()).isEqualTo(4);
    assertThat(reported.merge(new Usage(0, 0, 0, 0)).cachedTokens()).isZero();
  }
}
