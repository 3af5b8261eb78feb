package ai.llmd.epp.adapter.extproc.transport;

import java.util.List;

/**
 * A connection's bytes, behind its preface or without one: whatever they are, every call that
 * begins ends once, nothing breaks, and it does not matter in which pieces they arrive.
 */
public final class TransportFuzz {

  private TransportFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    for (byte[] beginning : new byte[][] {FramesWritten.begun().bytes(), {}}) {
      byte[] all = new byte[beginning.length + data.length];
      System.arraycopy(beginning, 0, all, 0, beginning.length);
      System.arraycopy(data, 0, all, beginning.length, data.length);
      List<String> whole = answers(all, Math.max(1, all.length));
      List<String> pieces = answers(all, 1 + (data.length == 0 ? 0 : data[0] & 0x1f));
      require(whole.equals(pieces), "it matters in which pieces bytes arrive");
    }
  }

  private static List<String> answers(byte[] bytes, int piece) {
    Peer peer = new Peer();
    List<String> answers = peer.send(bytes, piece);
    peer.close();
    EchoHost host = peer.host;
    require(host.failures == 0, "an exception");
    require(host.begun == host.cancelled + host.completed, "a call that does not end once");
    require(host.tracersBegun == host.tracersEnded, "a stream that is counted for ever");
    require(host.connections == 0, "a connection that does not end");
    return answers;
  }

  private static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new IllegalStateException(otherwise);
    }
  }

  public static List<byte[]> seeds() {
    return List.of(
        FramesWritten.more().call(1, 0).message(1, 0, "a").message(1, 1, "b").bytes(),
        FramesWritten.more()
            .call(1, 0)
            .call(3, 1)
            .frame(Frames.SETTINGS, 0, 0, "0004 00000003")
            .message(1, 0, "hello")
            .frame(Frames.WINDOW_UPDATE, 0, 1, "00000002")
            .frame(Frames.RST_STREAM, 0, 1, "00000008")
            .bytes(),
        FramesWritten.more()
            .frame(Frames.PING, 0, 0, "0000000000000001")
            .call(1, 0)
            .frame(Frames.DATA, Frames.PADDED, 1, "03 00 00000001 61 000000")
            .frame(Frames.PRIORITY, 0, 1, "0000000000")
            .frame(Frames.GOAWAY, 0, 0, "0000000000000000")
            .bytes());
  }
}
