package ai.llmd.epp.adapter.extproc.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When memory counts as short, here or over all connections. */
class ShortageTest {

  private static final long LIMIT = 3200;

  private final BufferedBytes all = new BufferedBytes(LIMIT);
  private final BufferedBytes connection = all.forConnection();

  @Test
  void itIsShortBeforeItIsNearlyFull() {
    assertThat(all.take(2800)).isTrue();
    assertThat(all.isShort()).isFalse();
    assertThat(all.take(1)).isTrue();
    assertThat(all.isShort()).isTrue();
    assertThat(all.take(199)).isTrue();
    assertThat(all.isNearlyFull()).isFalse();
    assertThat(all.take(1)).isTrue();
    assertThat(all.isNearlyFull()).isTrue();
  }

  @Test
  void whatOthersHoldCountsForAConnection() {
    assertThat(all.take(3001)).isTrue();

    assertThat(connection.isShort()).isTrue();
    assertThat(connection.isNearlyFull()).isTrue();
    assertThat(connection.hasRoomAgain()).isFalse();
  }

  @Test
  void aConnectionsShareIsShortByItself() {
    assertThat(connection.take(2251)).as("of 2400").isTrue();

    assertThat(connection.isNearlyFull()).isTrue();
    assertThat(all.isShort()).isFalse();
  }

  @Test
  void theLastOfItIsForWhatIsComplete() {
    assertThat(connection.takeUnfinished(2325)).as("of 2400").isTrue();
    assertThat(connection.takeUnfinished(1)).isFalse();
    assertThat(connection.take(75)).isTrue();

    assertThat(all.takeUnfinished(700)).as("of 3200").isTrue();
    assertThat(all.takeUnfinished(1)).isFalse();
    assertThat(all.take(100)).isTrue();
    assertThat(all.take(1)).isFalse();
  }

  @Test
  void thereIsRoomAgainWhenASixteenthMoreIsFree() {
    assertThat(all.take(3200)).isTrue();
    all.giveBack(599);
    assertThat(all.hasRoomAgain()).isFalse();
    all.giveBack(1);
    assertThat(all.hasRoomAgain()).isTrue();
  }
}
