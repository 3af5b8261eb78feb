package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
      Body body = Body.of(target, COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"", "x", "\"}");
      for (int i = 0; !gateway.isOver(); i++) {
        send(gateway, target, body, i % 2 == 0 ? 57 << 20 : 12 << 20);
      }
    }
  },

  /** Complete ones again, lists of what is next to nothing and costs more than its bytes. */
  LARGE_LISTS {
    @Override
    void by(RawGateway gateway, Target target) {
      List<Body> bodies =
          List.of(
              Body.of(target, "/v1/conversations", "{\"model\":\"m\",\"items\":[", "{},", "{}]}"),
              Body.of(target, CHAT, "{\"messages\":[{\"content\":[", "\"a\",", "\"a\"]}]}"),
              Body.of(target, CHAT, "{\"messages\":[", "{\"role\":\"a\"},", "{}]}"),
              Body.of(target, CHAT, "{\"messages\":[{}],\"tools\":[", "1.5e300,", "1]}"),
              Body.of(target, COMPLETIONS, "{\"prompt\":[", "1,", "1]}"));
      for (int i = 0; !gateway.isOver(); i++) {
        send(gateway, target, bodies.get(i % bodies.size()), 27 << 20); // fits into 512 MiB
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
        int stream = target.open(gateway, COMPLETIONS);
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
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** Returns when the connection has ended. */
  abstract void by(RawGateway gateway, Target target);

  /** A body, as it is sent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Body(String path, byte[] begin, byte[] piece, byte[] end) {

    /** One with something in the middle that is repeated as often as is wanted. */
    static Body of(Target target, String path, String begin, String repeated, String end) {
      String piece = repeated.repeat(PIECE / repeated.length());
      return new Body(
          path,
          target.wire(text(begin), PIECE),
          target.wire(text(piece), PIECE),
          target.wire(text(end), PIECE));
    }
  }

  private static void send(RawGateway gateway, Target target, Body body, int size) {
    int stream = target.open(gateway, body.path);
    boolean isTaken = gateway.send(stream, body.begin);
    for (int sent = 0; isTaken && sent < size; sent += PIECE) {
      isTaken = gateway.send(stream, body.piece);
    }
    if (gateway.send(stream, body.end)) {
      target.end(gateway, stream);
    }
    gateway.forget(stream);
  }

  /** Begins a request; returns its stream. */
  private interface Begun {
    int stream();
  }

  private static void hold(RawGateway gateway, Target target, int size) {
    byte[] piece = target.wire(letters(PIECE), PIECE);
    hold(
        gateway,
        () -> {
          int stream = target.open(gateway, COMPLETIONS);
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
