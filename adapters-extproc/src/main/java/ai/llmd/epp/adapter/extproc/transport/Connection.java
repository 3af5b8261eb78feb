package ai.llmd.epp.adapter.extproc.transport;

import static ai.llmd.epp.adapter.extproc.transport.Payloads.flowControlError;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.length;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.protocolError;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.unpad;

import io.grpc.Attributes;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection and its streams. One thread owns it; what is called by others says so. */
final class Connection extends ChannelInboundHandlerAdapter
    implements FrameReader.Sink, Liveness.Peer {

  private static final long GOING_AWAY_SECONDS = 10;

  /** Marks the ping that shows that the peer knows of the end. */
  private static final long GOING_AWAY = 0x97ACEF001L;

  private static final long ALIVE = 0xDEADL;

  private final Host server;
  private final TransportRules rules;
  private final PeerPace pace;
  private final Liveness liveness;
  private final IntObjectHashMap<StreamCall<?, ?>> streams = new IntObjectHashMap<>();
  private final Deque<StreamCall<?, ?>> blocked = new ArrayDeque<>();
  private final ReceiveWindow receives;
  private final SendWindow sends = new SendWindow(Frames.FIRST_WINDOW_BYTES);
  private ChannelHandlerContext context;
  private FrameReader frames;
  private HeaderBlocks headers;
  private Output output;
  private Attributes attributes = Attributes.EMPTY;
  private int firstSendWindow = Frames.FIRST_WINDOW_BYTES;
  private int lastStream;
  private boolean hasSettings;
  private boolean hasWrittenHeaders;
  private boolean isGoingAway;
  private boolean takesNoMore;
  private boolean isClosed;

  @SuppressWarnings("NullAway.Init") // begin() sets what belongs to the channel
  Connection(Host server) {
    this.server = server;
    this.rules = server.rules();
    this.pace = new PeerPace(rules);
    this.liveness = new Liveness(this, this::schedule, rules);
    this.receives = new ReceiveWindow(rules.windowBytes());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    frames = new FrameReader(added.alloc(), this);
    headers = new HeaderBlocks(added.alloc());
    output = new Output(added);
    if (added.channel().isActive()) {
      begin();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    begin();
  }

  private void begin() {
    attributes = server.began(this, context.channel());
    PeerSettings.writeOurs(rules, output);
    if (rules.windowBytes() > Frames.FIRST_WINDOW_BYTES) {
      open(0, rules.windowBytes() - Frames.FIRST_WINDOW_BYTES);
    }
    output.flush();
    liveness.begin();
  }

  @Override
  public boolean hasBegun() {
    return frames.hasPreface();
  }

  @Override
  public void ping() {
    output.frame(8, Frames.PING, 0, 0).writeLong(ALIVE);
  }

  @Override
  public void close() {
    output.close();
  }

  ByteBufAllocator buffers() {
    return context.alloc();
  }

  Attributes attributes() {
    return attributes;
  }

  SendWindow sends() {
    return sends;
  }

  void whenWritten(StreamCall<?, ?> call) {
    output.whenWritten(call);
  }

  /** Runs it behind what is at hand. */
  void execute(Runnable task) {
    context
        .executor()
        .execute(
            () -> {
              try {
                task.run();
              } catch (RuntimeException | OutOfMemoryError e) {
                fail(e);
              }
            });
  }

  /** It ends, when something is wrong here or there is no network memory for it. */
  void fail(Throwable cause) {
    server.failed(cause);
    ChannelFuture _ = context.close();
  }

  EventExecutor loop() {
    return context.executor();
  }

  Future<?> schedule(Runnable task, long delayNanos) {
    return context.executor().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  /** Any thread. */
  void goAwaySoon() {
    execute(this::goAway);
  }

  /** Any thread. */
  void closeSoon() {
    execute(output::close);
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    liveness.read();
    output.reading();
    try {
      frames.read((ByteBuf) message);
    } catch (Http2Failure e) {
      end(e);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext reading) {
    output.readAll();
  }

  /** A peer that takes no answers asks for no more of them. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    changed.channel().config().setAutoRead(changed.channel().isWritable());
  }

  private void end(Http2Failure failure) {
    frames.close();
    byte[] reason = failure.reason().getBytes(StandardCharsets.US_ASCII);
    output
        .frame(8 + reason.length, Frames.GOAWAY, 0, 0)
        .writeInt(lastStream)
        .writeInt(failure.code())
        .writeBytes(reason);
    output.close();
  }

  @Override
  public void frame(int type, int flags, int stream, ByteBuf payload) throws Http2Failure {
    if (!hasSettings && (type != Frames.SETTINGS || (flags & Frames.ACK) != 0)) {
      throw protocolError("settings have to come first");
    }
    if (headers.isIncomplete() && type != Frames.CONTINUATION) {
      throw protocolError("headers are not complete");
    }
    switch (type) {
      case Frames.DATA -> data(flags, stream, payload);
      case Frames.HEADERS -> headers(flags, stream, payload);
      case Frames.CONTINUATION -> block(headers.go(stream, flags, payload));
      case Frames.RST_STREAM -> reset(stream, payload);
      case Frames.SETTINGS -> settings(flags, stream, payload);
      case Frames.PING -> ping(flags, stream, payload);
      case Frames.WINDOW_UPDATE -> window(stream, payload);
      case Frames.PUSH_PROMISE -> throw protocolError("a client pushes nothing");
      case Frames.PRIORITY -> {
        length(payload, 5);
        pace.empty();
      }
      default -> pace.empty(); // of an extension, or the peer goes away when its streams are over
    }
  }

  private void data(int flags, int id, ByteBuf payload) throws Http2Failure {
    int bytes = payload.readableBytes();
    boolean endsStream = (flags & Frames.END_STREAM) != 0;
    unpad(flags, payload, false);
    if (id == 0 || id > lastStream) {
      throw protocolError("data of no stream");
    }
    if (!receives.take(bytes)) {
      throw flowControlError("more data than was allowed");
    }
    if (payload.isReadable() || endsStream) {
      pace.useful();
    } else {
      pace.empty();
    }
    StreamCall<?, ?> call = streams.get(id);
    if (call == null) {
      used(bytes); // it is over here
    } else if (call.hasEnded()) {
      used(bytes);
      throw new Http2Failure(Frames.STREAM_CLOSED, "data behind the end of a stream");
    } else if (!call.data(payload, bytes, endsStream)) {
      used(bytes);
      reset(call, Frames.FLOW_CONTROL_ERROR);
      call.cancel(Status.CANCELLED);
    }
  }

  private void headers(int flags, int id, ByteBuf payload) throws Http2Failure {
    unpad(flags, payload, true);
    if (id == 0 || id % 2 == 0) {
      throw protocolError("a stream of the server's");
    }
    block(headers.begin(id, flags, payload));
  }

  private void block(HeaderBlocks.@Nullable Block block) throws Http2Failure {
    if (block == null) {
      return;
    }
    int id = block.stream();
    StreamCall<?, ?> call = streams.get(id);
    if (call != null) {
      if (!block.endsStream() || call.hasEnded()) {
        throw protocolError("trailers that end nothing");
      }
      call.halfClose();
    } else if (id > lastStream) {
      pace.useful();
      lastStream = id;
      open(block);
    } // else it is over here, and the peer does not know yet
  }

  private void open(HeaderBlocks.Block block) throws Http2Failure {
    int id = block.stream();
    if (takesNoMore || streams.size() >= rules.maxStreams()) {
      control(id, Frames.REFUSED_STREAM);
      return;
    }
    Opening opening = Opening.of(block, server);
    switch (opening) {
      case Opening.Call call -> {
        StreamCall<?, ?> opened = call.begin(this, firstSendWindow, rules, server.tracer());
        if (block.endsStream() && streams.get(id) == opened) {
          opened.halfClose();
        }
      }
      case Opening.Broken() -> control(id, Frames.PROTOCOL_ERROR);
      case Opening.Refused(Consumer<ByteBuf> answer) -> {
        headers(id, true, answer);
        if (!block.endsStream()) {
          control(id, Frames.NO_ERROR);
        }
      }
    }
  }

  /** A stream is there. */
  void add(StreamCall<?, ?> call) {
    streams.put(call.id(), call);
  }

  private void reset(int id, ByteBuf payload) throws Http2Failure {
    length(payload, 4);
    if (id == 0 || id > lastStream) {
      throw protocolError("a reset of no stream");
    }
    pace.reset(System.nanoTime());
    StreamCall<?, ?> call = streams.get(id);
    if (call != null) {
      call.cancel(Status.CANCELLED);
    }
  }

  private void settings(int flags, int id, ByteBuf payload) throws Http2Failure {
    if (id != 0) {
      throw protocolError("settings of a stream");
    }
    pace.empty();
    if ((flags & Frames.ACK) != 0) {
      length(payload, 0);
      return;
    }
    hasSettings = true;
    changeWindows(PeerSettings.window(payload, firstSendWindow));
    output.control(0, Frames.SETTINGS, Frames.ACK, 0);
  }

  private void changeWindows(int bytes) throws Http2Failure {
    long more = (long) bytes - firstSendWindow;
    if (more == 0) {
      return;
    }
    firstSendWindow = bytes;
    for (StreamCall<?, ?> call : List.copyOf(streams.values())) { // some end
      if (!call.sends().add(more)) {
        throw flowControlError("a window that is too large");
      }
      call.pump();
    }
  }

  private void ping(int flags, int id, ByteBuf payload) throws Http2Failure {
    length(payload, 8);
    if (id != 0) {
      throw protocolError("a ping of a stream");
    }
    long content = payload.readLong();
    if ((flags & Frames.ACK) == 0) {
      pace.pinged(System.nanoTime());
      output.control(8, Frames.PING, Frames.ACK, 0).writeLong(content);
    } else if (content == GOING_AWAY) {
      takeNoMore();
    } else {
      pace.empty();
    }
  }

  private void window(int id, ByteBuf payload) throws Http2Failure {
    length(payload, 4);
    int more = payload.readInt() & Integer.MAX_VALUE;
    if (id > lastStream || (id != 0 && id % 2 == 0)) {
      throw protocolError("a window of no stream");
    }
    if (more == 0) {
      throw protocolError("a window of nothing");
    }
    if (id == 0) {
      if (!sends.add(more)) {
        throw flowControlError("a window that is too large");
      }
      unblock();
      return;
    }
    StreamCall<?, ?> call = streams.get(id);
    if (call != null && call.sends().add(more)) {
      call.pump();
    } else if (call != null) { // else it is over here
      reset(call, Frames.FLOW_CONTROL_ERROR);
      call.cancel(Status.CANCELLED);
    }
  }

  /** Each stream in turn sends one frame. */
  private void unblock() {
    while (sends.left() > 0 && !blocked.isEmpty()) {
      blocked.removeFirst().unblocked();
    }
  }

  /** Waits for the window of the connection. */
  void block(StreamCall<?, ?> call) {
    blocked.addLast(call);
  }

  /** Bytes that came do not wait any more. */
  void used(int bytes) {
    int increment = receives.giveBack(bytes);
    if (increment > 0 && !isClosed) {
      open(0, increment);
    }
  }

  /** Lets the peer send more. */
  void open(int stream, int bytes) {
    output.frame(4, Frames.WINDOW_UPDATE, 0, stream).writeInt(bytes);
  }

  /** Headers of a stream, the last ones when it ends. */
  void headers(int id, boolean endsStream, Consumer<ByteBuf> text) {
    if (isClosed) {
      return;
    }
    pace.sent();
    int flags = Frames.END_HEADERS | (endsStream ? Frames.END_STREAM : 0);
    ByteBuf to = output.frame(0, Frames.HEADERS, flags, id);
    int begin = to.writerIndex();
    if (!hasWrittenHeaders) {
      hasWrittenHeaders = true;
      HeaderText.tableless(to);
    }
    text.accept(to);
    int length = to.writerIndex() - begin;
    if (length > Frames.MAX_PAYLOAD_BYTES) {
      throw new IllegalStateException("headers of " + length + " bytes");
    }
    to.setMedium(begin - Frames.HEAD_BYTES, length);
  }

  /** A frame of data; its payload belongs behind it at once. */
  ByteBuf data(int id, int bytes) {
    pace.sent();
    return output.frame(bytes, Frames.DATA, 0, id);
  }

  /** Ends a stream for the peer. */
  void reset(StreamCall<?, ?> call, int code) {
    if (!isClosed) {
      output.frame(4, Frames.RST_STREAM, 0, call.id()).writeInt(code);
    }
  }

  private void control(int id, int code) throws Http2Failure {
    output.control(4, Frames.RST_STREAM, 0, id).writeInt(code);
  }

  /** A stream is over. */
  void forget(StreamCall<?, ?> call) {
    streams.remove(call.id());
    if (takesNoMore && streams.isEmpty() && !isClosed) {
      execute(output::close); // behind the stream's last frame
    }
  }

  /** Takes no more streams, once the peer knows; closes when those that are open are over. */
  private void goAway() {
    if (isGoingAway || isClosed) {
      return;
    }
    isGoingAway = true;
    output.frame(8, Frames.GOAWAY, 0, 0).writeInt(Integer.MAX_VALUE).writeInt(Frames.NO_ERROR);
    output.frame(8, Frames.PING, 0, 0).writeLong(GOING_AWAY);
    var _ = schedule(this::takeNoMore, TimeUnit.SECONDS.toNanos(GOING_AWAY_SECONDS));
  }

  private void takeNoMore() {
    if (takesNoMore || isClosed || !isGoingAway) {
      return;
    }
    takesNoMore = true;
    output.frame(8, Frames.GOAWAY, 0, 0).writeInt(lastStream).writeInt(Frames.NO_ERROR);
    if (streams.isEmpty()) {
      output.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    if (isClosed) {
      return;
    }
    isClosed = true;
    liveness.end();
    frames.close();
    headers.close();
    for (StreamCall<?, ?> call : List.copyOf(streams.values())) {
      call.cancel(Status.CANCELLED);
    }
    blocked.clear();
    output.release();
    server.ended(this, attributes);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    fail(cause);
  }
}
