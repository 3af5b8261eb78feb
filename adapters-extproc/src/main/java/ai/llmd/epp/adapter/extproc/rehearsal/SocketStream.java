package ai.llmd.epp.adapter.extproc.rehearsal;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The stream that is open on a {@link SocketGateway}. One thread, the gateway's. */
final class SocketStream implements GatewayStream {

  private final SocketGateway gateway;
  private final int id;
  private final Deque<byte[]> answers = new ArrayDeque<>();
  private byte[] begun = new byte[0]; // of an answer, with its prefix
  private int window;
  private boolean isOver;

  /**
   * @param window how much may be sent
   */
  SocketStream(SocketGateway gateway, int id, int window) {
    this.gateway = gateway;
    this.id = id;
    this.window = window;
  }

  int id() {
    return id;
  }

  /** Bytes that the picker takes now. */
  int window() {
    return window;
  }

  /** It takes more, or less. */
  void widen(int bytes) {
    window += bytes;
  }

  /** A frame of this stream came. */
  void took(Http2Frame frame) {
    switch (frame.type()) {
      case Http2Frame.DATA -> add(frame.payload());
      case Http2Frame.WINDOW_UPDATE -> widen(frame.number(0));
      case Http2Frame.RST_STREAM -> isOver = true;
      default -> {} // headers: what they say is not asked
    }
    if (frame.endsStream()) {
      isOver = true;
    }
  }

  private void add(byte[] data) {
    byte[] all = data;
    if (begun.length > 0) {
      all = Arrays.copyOf(begun, begun.length + data.length);
      System.arraycopy(data, 0, all, begun.length, data.length);
    }
    int from = 0;
    while (all.length - from >= SocketGateway.PREFIX_BYTES) {
      int end = from + SocketGateway.PREFIX_BYTES + ByteBuffer.wrap(all).getInt(from + 1);
      if (end > all.length) {
        break;
      }
      answers.add(Arrays.copyOfRange(all, from + SocketGateway.PREFIX_BYTES, end));
      from = end;
    }
    begun = Arrays.copyOfRange(all, from, all.length);
  }

  @Override
  public void send(byte[] message) {
    gateway.send(this, message);
  }

  @Override
  public byte[] next() {
    while (answers.isEmpty()) {
      if (isOver) {
        throw new IllegalStateException("the stream ended instead of answering");
      }
      gateway.flushAndTake();
    }
    return answers.remove();
  }

  @Override
  public void halfClose() {
    gateway.halfClose(this);
  }

  @Override
  public void cancel() {
    gateway.cancel(this);
    isOver = true;
  }

  @Override
  public void awaitEnd() {
    while (!isOver) {
      gateway.flushAndTake();
    }
  }
}
