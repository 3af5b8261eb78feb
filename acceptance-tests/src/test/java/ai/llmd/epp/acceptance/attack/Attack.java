package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * What fills memory: of a picker, sent by a gateway, or by a client through Envoy. Each goes on
 * until its connection ends; what is refused is sent again.
 */
enum Attack {
  /** Complete ones, one after the other. */
  LARGE_BODIES {
    @Override
    void by(RawGateway gateway, Target target) {
      byte[] begin = target.wire(text("{\"model\":\"m\",\"prompt\":\""), PIECE);
      byte[] piece = target.wire(letters(PIECE), PIECE);
      byte[] end = target.wire(text("\"}"), PIECE);
      for (int i = 0; !gateway.isOver(); i++) {
        int size = i % 2 == 0 ? 57 << 20 : 12 << 20;
        int stream = target.open(gateway);
        boolean isTaken = gateway.send(stream, begin);
        for (int sent = 0; isTaken && sent < size; sent += PIECE) {
          isTaken = gateway.send(stream, piece);
        }
        if (gateway.send(stream, end)) {
          target.end(gateway, stream);
        }
        gateway.forget(stream);
      }
    }
  },

  /** 480 of six gateways, that go on no more. */
  HALF_BODIES {
    @Override
    void by(RawGateway gateway, Target target) {
      hold(gateway, target, 3_800 << 10);
    }
  },

  /** As large as those may be that are counted among the small ones. */
  HALF_SMALL_BODIES {
    @Override
    void by(RawGateway gateway, Target target) {
      hold(gateway, target, 1_000_000);
    }
  },

  /** Messages of which gRPC shows nothing before they are complete. */
  HALF_MESSAGES {
    @Override
    void by(RawGateway gateway, Target target) {
      byte[] message =
          Messages.requestBody(ByteString.copyFrom(new byte[4_000_000]), true).toByteArray();
      byte[] half = RawGateway.beginOf(message, 3_800 << 10);
      hold(
          gateway,
          () -> {
            int stream = gateway.open();
            gateway.send(stream, half);
            return stream;
          });
    }
  },

  /** A body without an end, in messages or frames of a byte each. */
  BYTES_ONE_BY_ONE {
    @Override
    void by(RawGateway gateway, Target target) {
      byte[] piece = target.wire(letters(1000), 1);
      while (!gateway.isOver()) {
        int stream = target.open(gateway);
        boolean isTaken = true;
        while (isTaken) {
          isTaken = gateway.send(stream, piece, target.frameBytes(1));
        }
        gateway.forget(stream);
      }
    }
  };

  /** Of each gateway; Envoy takes no more than 100 of a connection at once. */
  private static final int STREAMS = 80;

  private static final int PIECE = 60_000;
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** Returns when the connection has ended. */
  abstract void by(RawGateway gateway, Target target);

  /** Begins a request; returns its stream. */
  private interface Begun {
    int stream();
  }

  private static void hold(RawGateway gateway, Target target, int size) {
    byte[] piece = target.wire(letters(PIECE), PIECE);
    hold(
        gateway,
        () -> {
          int stream = target.open(gateway);
          boolean isTaken = true;
          for (int sent = 0; isTaken && sent + PIECE <= size; sent += PIECE) {
            isTaken = gateway.send(stream, piece);
          }
          return stream;
        });
  }

  /** Holds as many streams as may be; those that end are begun again. */
  private static void hold(RawGateway gateway, Begun begun) {
    int[] streams = new int[STREAMS];
    while (!gateway.isOver()) {
      for (int i = 0; i < STREAMS; i++) {
        if (streams[i] == 0 || gateway.isOver(streams[i])) {
          gateway.forget(streams[i]);
          streams[i] = begun.stream();
        }
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static byte[] letters(int count) {
    byte[] letters = new byte[count];
    Arrays.fill(letters, (byte) 'x');
    return letters;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
