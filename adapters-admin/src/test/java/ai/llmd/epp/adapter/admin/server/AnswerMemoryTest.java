package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerMemoryTest {

  private static final long BODY = 100_000;
  private static final Limits LIMITS = Limits.of(1 << 30);

  private final AnswerMemory memory = new AnswerMemory(2 * BODY);
  private final Socket first = new Socket();
  private final Socket second = new Socket();
  private final Socket third = new Socket();

  private ReaderConnection reader(Socket socket) {
    return new ReaderConnection(
        socket,
        new ReaderConnection.Host(
            new PageAnswers(Map.of(), null), new OpenConnections(1), memory, null, LIMITS));
  }

  @Test
  void whoHasNotTakenAPieceForTheLongestIsGivenUp() {
    ReaderConnection awake = reader(first);
    memory.hold(awake, BODY);
    memory.hold(reader(second), BODY);
    memory.progressed(awake);

    memory.hold(reader(third), BODY);

    assertThat(second.isClosed()).isTrue();
    assertThat(first.isClosed()).isFalse();
    assertThat(third.isClosed()).isFalse();
    assertThat(memory.bytes()).isEqualTo(2 * BODY);
  }

  @Test
  void smallBodiesTakeNoRoom() {
    memory.hold(reader(first), 3 * BODY);
    memory.hold(reader(second), AnswerMemory.SMALL_BYTES);

    assertThat(first.isClosed()).isFalse();
    assertThat(memory.bytes()).isEqualTo(3 * BODY);
  }
}
