package ai.llmd.epp.adapter.extproc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.server.EventLoops;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server on a port. */
class LeanServerTest {

  private static final int ROOM = 128 << 10;
  private static final int MAX_CONNECTIONS = 30;

  private final EchoHost host = new EchoHost(ROOM);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger over = new AtomicInteger();
  private final EventLoops loops = EventLoops.named("lean-test", 1);
  private LeanServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new LeanServer(
                new LeanServer.Settings(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    null,
                    host.services(),
                    host.tracer(),
                    counting(),
                    host.room(),
                    MAX_CONNECTIONS,
                    EchoHost.RULES),
                loops.group(),
                loops.channelType(),
                new AdaptiveRecvByteBufAllocator())
            .start();
  }

  private ServerTransportFilter counting() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes known) {
        begun.incrementAndGet();
        return known;
      }

      @Override
      public void transportTerminated(Attributes known) {
        over.incrementAndGet();
      }
    };
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.shutdownNow();
    assertThat(server.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    loops.stop();
  }

  /** A window that is opened twice would let peers send more than they may, and end for it. */
  @Test
  void aConnectionBeginsOnce() throws Exception {
    try (Socket socket = connected(FramesWritten.begun().call(1, 1).bytes())) {
      assertThat(framesUntilTheEndOfAStream(socket))
          .containsExactly("4 0 000300000003000400010000000600002000", "8 0 00020001", "4 0 ", "1");
    }
    server.shutdown();
    assertThat(server.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(begun).hasValue(1);
    assertThat(over).hasValue(1);
  }

  /** Peers begin headers and do not go on: others get the room. */
  @Test
  void connectionsThatDoNotGoOnMakeRoomForOthers() throws Exception {
    List<Socket> stuck = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      FramesWritten frames = FramesWritten.begun();
      stuck.add(connected(frames.frame(Frames.HEADERS, 0, 1, new byte[15_000]).bytes()));
      assertThat(stuck.getLast().getInputStream().read()).isZero(); // it has begun
    }
    try (Socket socket = connected(FramesWritten.begun().call(1, 1).bytes())) {
      assertThat(framesUntilTheEndOfAStream(socket)).isNotEmpty();
    }
    await().until(() -> host.room().held() <= ROOM);
    await().until(() -> over.get() >= 12); // 1 + those that do not fit
    assertThat(over.get()).isLessThan(20);
    for (Socket each : stuck) {
      each.close();
    }
    await().until(() -> host.room().held() == 0);
  }

  @Test
  void connectionsAreBounded() throws Exception {
    List<Socket> all = new ArrayList<>();
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
      all.add(connected(FramesWritten.begun().bytes()));
      assertThat(all.getLast().getInputStream().read()).isZero();
    }
    try (Socket further = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      assertThat(further.getInputStream().read()).isEqualTo(-1);
    }
    all.getFirst().close();
    await().until(() -> over.get() == 1);
    try (Socket next = connected(FramesWritten.begun().bytes())) {
      assertThat(next.getInputStream().read()).isZero();
    }
    for (Socket each : all) {
      each.close();
    }
  }

  private Socket connected(byte[] sent) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
    socket.getOutputStream().write(sent);
    return socket;
  }

  /** Their types, streams and contents; of headers the type alone. */
  private static List<String> framesUntilTheEndOfAStream(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    List<String> frames = new ArrayList<>();
    while (true) {
      int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      String payload = HexFormat.of().formatHex(in.readNBytes(length));
      if (type == Frames.HEADERS) {
        frames.add("1");
        assertThat(flags & Frames.END_STREAM).isPositive();
        return frames;
      }
      frames.add(type + " " + stream + " " + payload);
    }
  }
}
