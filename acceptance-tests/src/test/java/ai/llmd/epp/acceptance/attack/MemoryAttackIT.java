package ai.llmd.epp.acceptance.attack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EndpointsFile;
import ai.llmd.epp.acceptance.stack.EppPorts;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that fill memory as fast as they can, of a picker in a container of 512 MiB. */
class MemoryAttackIT {

  private static final long CONTAINER = 512L << 20;
  private static final int GATEWAYS = 4;

  /** Long enough to fill a gigabyte. */
  private static final Duration ATTACK = Duration.ofSeconds(4);

  /** A busy machine with two processors included. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  private static final int PIECE = 60_000;
  private static final byte[] HEADERS =
      RawGateway.message(Messages.requestHeaders(false, ":path", "/v1/completions").toByteArray());

  @TempDir Path folder;
  private volatile boolean isOver;

  private void attack(boolean takesAnswers, Consumer<RawGateway> attack) throws Exception {
    EppPorts ports = EppPorts.free();
    EndpointsFile endpoints = new EndpointsFile(folder.resolve("endpoints.json"));
    endpoints.list(List.of(9)); // nothing is sent there
    List<RawGateway> gateways = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (EppProcess epp = EppProcess.startInContainer(CONTAINER, ports, endpoints, folder);
        Bystander bystander = Bystander.of(ports.extProc())) {
      for (int i = 0; i < GATEWAYS; i++) {
        RawGateway gateway = RawGateway.connect(ports.extProc(), takesAnswers);
        gateways.add(gateway);
        threads.add(Thread.startVirtualThread(() -> attack.accept(gateway)));
      }

      assertThat(bystander.ask(ATTACK)).as("failed requests").isEmpty();
      assertThat(bystander.percentile99()).isLessThan(MAX_WAIT);
      assertThat(epp.mostResidentBytes()).isLessThan(CONTAINER);
    } finally {
      isOver = true;
      gateways.forEach(RawGateway::close);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  @Test
  void bodiesWhoseAnswersAreNotTaken() throws Exception {
    byte[] piece =
        RawGateway.message(
            Messages.requestBody(
                    ByteString.copyFrom("x".repeat(PIECE), StandardCharsets.US_ASCII), false)
                .toByteArray());
    byte[] begin = message("{\"model\":\"m\",\"prompt\":\"", false);
    byte[] end = message("\"}", true);
    attack(
        false,
        gateway -> {
          while (!isOver && !gateway.isOver()) {
            int stream = gateway.open();
            boolean isTaken = gateway.send(stream, HEADERS) && gateway.send(stream, begin);
            for (int i = 0; isTaken && i < (12 << 20) / PIECE; i++) {
              isTaken = gateway.send(stream, piece);
            }
            gateway.send(stream, end);
          }
        });
  }

  private static byte[] message(String text, boolean isLast) {
    return RawGateway.message(Messages.requestBody(text, isLast).toByteArray());
  }

  @Test
  void halvesOfMessages() throws Exception {
    byte[] message =
        Messages.requestBody(ByteString.copyFrom(new byte[4_000_000]), true).toByteArray();
    byte[] half = RawGateway.beginOf(message, 3_800 << 10);
    attack(
        true,
        gateway -> {
          for (int i = 0; i < 480 / GATEWAYS && !isOver; i++) {
            gateway.send(gateway.open(), half);
          }
        });
  }

  @Test
  void bodiesInMessagesOfAByte() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 1_000; i++) {
      bytes.writeBytes(message("x", false));
    }
    attack(
        true,
        gateway -> {
          int stream = gateway.open();
          gateway.send(stream, HEADERS);
          while (!isOver && gateway.send(stream, bytes.toByteArray())) {
            // on and on
          }
        });
  }
}
