package ai.llmd.epp.sidecar.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeldBytesTest {

  @Test
  void aBodyThatIsGivenBackLeavesRoomForAnother() {
    HeldBytes memory = new HeldBytes(100);

    assertThat(memory.take(60)).isTrue();
    assertThat(memory.take(60)).isFalse();
    assertThat(memory.take(40)).isTrue();
    memory.giveBack(60);
    assertThat(memory.take(60)).isTrue();
    assertThat(memory.take(1)).isFalse();
  }
}
