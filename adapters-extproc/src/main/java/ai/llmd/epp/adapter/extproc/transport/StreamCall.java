package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call, which is one stream. Its listener hears of it on the connection's thread, where its
 * methods are called, too.
 */
final class StreamCall<Q, A> extends ServerCall<Q, A> implements MessageIntake.Sink {

  private static final Logger log = LoggerFactory.getLogger(StreamCall.class);

  /** How long a peer may leave what ends a call untaken, which is over here. */
  private static final long MAX_UNTAKEN_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final int DEFAULT_READY_BYTES = 32 << 10;

  private final Connection connection;
  private final int id;
  private final MethodDescriptor<Q, A> method;
  private final ServerStreamTracer tracer;
  private final boolean isRequestCompressed;
  private final int maxMessageBytes;
  private final MessageIntake intake;
  private final ReceiveWindow receives;
  private final SendWindow sends;
  private final Deque<ByteBuf> waiting = new ArrayDeque<>(1); // for the peer to take more
  private ServerCall.@Nullable Listener<Q> listener;
  private Context.@Nullable CancellableContext deadline;
  private @Nullable Status end; // the status to end with, once nothing waits
  private @Nullable Future<?> untaken; // when it ends all the same
  private Metadata trailers = new Metadata();
  private int messages;
  private int unused; // bytes that came, and wait
  private int unwritten;
  private int batched; // of the unwritten ones, those in the batch that is gathered
  private int readyBytes = DEFAULT_READY_BYTES;
  private boolean compresses;
  private boolean compressesNext = true;
  private boolean hasHeaders;
  private boolean hasEnded; // the peer has
  private boolean isClosed; // here
  private boolean isCancelled;
  private boolean isOver;
  private boolean isBlocked; // waits for the connection's window

  /** It has to be begun. */
  StreamCall(
      Connection connection,
      int id,
      MethodDescriptor<Q, A> method,
      ServerStreamTracer tracer,
      boolean isRequestCompressed,
      TransportRules rules,
      int sendWindow) {
    this.connection = connection;
    this.id = id;
    this.method = method;
    this.tracer = tracer;
    this.isRequestCompressed = isRequestCompressed;
    this.maxMessageBytes = rules.maxMessageBytes();
    this.intake =
        new MessageIntake(connection.buffers(), connection.held(), rules.maxMessageBytes(), this);
    this.receives = new ReceiveWindow(rules.streamWindowBytes());
    this.sends = new SendWindow(sendWindow);
  }

  /** Begins it: from here on messages are delivered. */
  void begin(ServerMethodDefinition<Q, A> definition, Metadata headers, long timeoutNanos) {
    Context context = tracer.filterContext(within(timeoutNanos));
    Context before = context.attach();
    try {
      listener = definition.getServerCallHandler().startCall(this, headers);
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      context.detach(before);
    }
  }

  private Context within(long timeoutNanos) {
    if (timeoutNanos < 0) {
      return Context.ROOT;
    }
    Deadline at = Deadline.after(timeoutNanos, TimeUnit.NANOSECONDS);
    Context.CancellableContext context = Context.ROOT.withDeadline(at, connection.loop());
    deadline = context;
    context.addListener(_ -> expire(), connection::execute);
    return context;
  }

  private void expire() {
    breakOff(Status.DEADLINE_EXCEEDED);
  }

  int id() {
    return id;
  }

  boolean hasEnded() {
    return hasEnded;
  }

  SendWindow sends() {
    return sends;
  }

  /** Data came; false when it is more than the window allows. */
  boolean data(ByteBuf payload, int bytes, boolean endsStream) {
    if (!receives.take(bytes)) {
      return false;
    }
    unused += bytes;
    int padding = bytes - payload.readableBytes();
    if (padding > 0) {
      used(padding);
    }
    intake.take(payload);
    if (endsStream) {
      halfClose();
    }
    return true;
  }

  /** The peer sends no more. */
  void halfClose() {
    hasEnded = true;
    intake.end();
  }

  @Override
  public void used(int bytes) {
    unused -= bytes;
    connection.used(bytes);
    int increment = receives.giveBack(bytes);
    if (increment > 0 && !hasEnded) {
      connection.open(id, increment);
    }
  }

  @Override
  public void bodyBytes(int bytes) {
    try {
      tracer.inboundWireSize(bytes);
    } catch (StatusRuntimeException e) {
      connection.reset(this, Frames.CANCEL);
      cancel(e.getStatus());
    }
  }

  @Override
  public void message(ByteBuf body, boolean isCompressed) {
    int size = body.readableBytes();
    tracer.inboundMessage(messages);
    tracer.inboundMessageRead(messages, size, isCompressed ? -1 : size);
    messages++;
    ServerCall.Listener<Q> to = listener;
    if (isClosed || to == null) {
      return;
    }
    if (isCompressed && !isRequestCompressed) {
      failed(Status.INTERNAL.withDescription("a compressed message without an encoding"));
      return;
    }
    try (InputStream bytes = stream(body, isCompressed)) {
      to.onMessage(method.parseRequest(bytes));
    } catch (IOException e) {
      failed(Status.INTERNAL.withDescription("a message cannot be decompressed"));
    } catch (StatusRuntimeException e) {
      failed(e.getStatus());
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private InputStream stream(ByteBuf body, boolean isCompressed) throws IOException {
    MessageStream bytes = new MessageStream(body);
    return isCompressed ? new Inflated(bytes, maxMessageBytes) : bytes;
  }

  @Override
  public void ended() {
    if (listener != null && !isClosed) {
      guarded(listener::onHalfClose);
    }
  }

  /** What the peer sent is no call: it is over with this status, whatever the listener does. */
  @Override
  public void failed(Status status) {
    intake.close();
    close(status, new Metadata());
  }

  private void fail(RuntimeException cause) {
    log.atError().setCause(cause).log("a call failed");
    close(Status.UNKNOWN.withDescription("Application error processing RPC"), new Metadata());
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  @Override
  public void request(int count) {
    intake.ask(count);
    if (intake.isDue()) {
      connection.execute(intake::deliver);
    }
  }

  @Override
  public void setOnReadyThreshold(int bytes) {
    readyBytes = bytes;
  }

  @Override
  public void setCompression(String compressor) {
    compresses = compressor.equals("gzip");
  }

  @Override
  public void setMessageCompression(boolean isOn) {
    compressesNext = isOn;
  }

  @Override
  public void sendHeaders(Metadata headers) {
    if (hasHeaders || isClosed || isOver) {
      return;
    }
    hasHeaders = true;
    connection.headers(id, false, block -> HeaderText.response(block, compresses, headers));
  }

  @Override
  public void sendMessage(A message) {
    if (isClosed || isOver) {
      return;
    }
    try (InputStream bytes = method.streamResponse(message)) {
      if (compresses && compressesNext) {
        enqueue(MessageBytes.compressed(bytes), true);
      } else {
        send(bytes, bytes.available());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OutOfMemoryError e) { // of the network: the heap's ends the process
      connection.fail(e);
    }
  }

  private void send(InputStream bytes, int size) throws IOException {
    int whole = size + MessageBytes.PREFIX_BYTES;
    if (waiting.isEmpty()
        && whole <= Frames.MAX_PAYLOAD_BYTES
        && whole <= Math.min(sends.left(), connection.sends().left())) {
      MessageBytes.write(MessageBytes.prefixed(beginData(whole), size, false), bytes, size);
      count(whole);
      batch(whole);
      return;
    }
    enqueue(
        MessageBytes.write(
            MessageBytes.prefixed(connection.buffers().directBuffer(whole), size, false),
            bytes,
            size));
  }

  private void enqueue(byte[] message, boolean isCompressed) {
    int size = message.length;
    enqueue(
        MessageBytes.prefixed(
                connection.buffers().directBuffer(size + MessageBytes.PREFIX_BYTES),
                size,
                isCompressed)
            .writeBytes(message));
  }

  private void enqueue(ByteBuf message) {
    count(message.readableBytes());
    waiting.add(message);
    pump();
  }

  /** Takes both windows. */
  private ByteBuf beginData(int bytes) {
    sends.take(bytes);
    connection.sends().take(bytes);
    return connection.data(id, bytes);
  }

  private void count(int bytes) {
    unwritten += bytes;
  }

  private void batch(int bytes) {
    if (batched == 0) {
      connection.whenWritten(this);
    }
    batched += bytes;
  }

  /** What was batched goes its way now. */
  int takeBatched() {
    int bytes = batched;
    batched = 0;
    return bytes;
  }

  /** Bytes have left. */
  void written(int bytes) {
    boolean wasReady = unwritten < readyBytes;
    unwritten -= bytes;
    if (!wasReady && isReady() && listener != null) {
      guarded(listener::onReady);
    }
  }

  @Override
  public boolean isReady() {
    return !isClosed && !isOver && unwritten < readyBytes;
  }

  /** Sends what waits, as far as the peer takes it. */
  void pump() {
    while (!isOver && !waiting.isEmpty() && sends.left() > 0) {
      if (connection.sends().left() == 0) {
        block();
        return;
      }
      sendFrame();
    }
    endWhenSent();
  }

  private void block() {
    if (!isBlocked) {
      isBlocked = true;
      connection.block(this);
    }
  }

  /** The connection's window has room, which is shared by turns. */
  void unblocked() {
    isBlocked = false;
    if (!isOver && !waiting.isEmpty() && sends.left() > 0) {
      sendFrame();
      if (!waiting.isEmpty() && sends.left() > 0) {
        block();
        return;
      }
    }
    endWhenSent();
  }

  private void sendFrame() {
    ByteBuf first = waiting.getFirst();
    int room = Math.min(sends.left(), connection.sends().left());
    int bytes = Math.min(Math.min(first.readableBytes(), Frames.MAX_PAYLOAD_BYTES), room);
    beginData(bytes).writeBytes(first, bytes);
    batch(bytes);
    if (!first.isReadable()) {
      waiting.removeFirst().release();
    }
  }

  @Override
  public void close(Status status, Metadata with) {
    if (isClosed || isOver) {
      return;
    }
    isClosed = true;
    end = status;
    trailers = with;
    endWhenSent();
    if (!isOver) {
      untaken = connection.schedule(() -> breakOff(Status.CANCELLED), MAX_UNTAKEN_NANOS);
    }
  }

  private void breakOff(Status status) {
    if (!isOver) {
      connection.reset(this, Frames.CANCEL);
      cancel(status);
    }
  }

  private void endWhenSent() {
    Status status = end;
    if (status == null || isOver || !waiting.isEmpty()) {
      return;
    }
    connection.headers(
        id,
        true,
        block -> {
          if (!hasHeaders) {
            HeaderText.response(block, false, new Metadata());
          }
          HeaderText.trailers(block, status, trailers);
        });
    if (!hasEnded) {
      connection.reset(this, Frames.NO_ERROR); // what still comes is not read
    }
    over(status);
    ServerCall.Listener<Q> to = listener;
    if (to != null) {
      connection.execute(() -> guarded(to::onComplete));
    }
  }

  /** The stream ends without more words: the peer, the connection or its time is gone. */
  void cancel(Status status) {
    if (isOver) {
      return;
    }
    isCancelled = true;
    over(status);
    if (listener != null) {
      guarded(listener::onCancel);
    }
  }

  private void over(Status status) {
    isOver = true;
    isClosed = true;
    connection.forget(this);
    if (deadline != null) {
      boolean _ = deadline.cancel(null);
    }
    if (untaken != null) {
      boolean _ = untaken.cancel(false);
    }
    intake.close();
    connection.used(unused);
    unused = 0;
    waiting.forEach(ByteBuf::release);
    waiting.clear();
    tracer.streamClosed(status);
  }

  @Override
  public boolean isCancelled() {
    return isCancelled;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return method;
  }

  @Override
  public Attributes getAttributes() {
    return connection.attributes();
  }
}
