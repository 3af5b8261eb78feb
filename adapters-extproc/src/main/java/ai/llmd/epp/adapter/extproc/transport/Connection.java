package ai.llmd.epp.adapter.extproc.transport;

import static ai.llmd.epp.adapter.extproc.transport.Payloads.flowControlError;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.length;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.noRoom;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.protocolError;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.unpad;

import io.grpc.Attributes;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection and its streams. One thread owns it; what is called by others says so. */
final class Connection extends ChannelInboundHandlerAdapter
    implements FrameReader.Sink, Liveness.Peer {

  private static final long ALIVE = 0xDEADL;

  private final Host server;
  private final TransportRules rules;
  private final PeerPace pace;
  private final Liveness liveness;
  private final OpenStreams streams = new OpenStreams();
  private final Kept incomplete;
  private final Kept held;
  private final ReceiveWindow receives;
  private final SendWindow sends = new SendWindow(Frames.FIRST_WINDOW_BYTES);
  private ChannelHandlerContext context;
  private FrameReader frames;
  private HeaderBlocks headers;
  private Output output;
  private Farewell farewell;
  private Attributes attributes = Attributes.EMPTY;
  private int firstSendWindow = Frames.FIRST_WINDOW_BYTES;
  private int lastStream;
  private boolean hasSettings;
  private boolean isClosed;

  @SuppressWarnings("NullAway.Init") // begin() sets what belongs to the channel
  Connection(Host server) {
    this.server = server;
    this.rules = server.rules();
    this.pace = new PeerPace(rules);
    this.liveness = new Liveness(this, this::schedule, rules);
    this.incomplete = new Kept(server.room(), server::makeRoom);
    this.held = new Kept(server.room(), server::makeRoom);
    this.receives = new ReceiveWindow(rules.connectionWindowBytes());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    frames = new FrameReader(added.alloc(), incomplete, this);
    headers = new HeaderBlocks(added.alloc(), incomplete);
    output = new Output(added);
    farewell = new Farewell(output);
    if (added.channel().isActive()) { // as accepted ones are, which are told of it later, too
      begin();
    }
  }

  private void begin() {
    attributes = server.began(this, context.channel());
    PeerSettings.writeOurs(rules, output);
    open(0, rules.connectionWindowBytes() - Frames.FIRST_WINDOW_BYTES);
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

  /** What calls do not take yet. */
  Kept held() {
    return held;
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

  /** What its incomplete frame or headers cost others. */
  long incompleteCost(long nowNanos) {
    return incomplete.cost(nowNanos);
  }

  /** Its memory is for others. */
  void giveUp() {
    end(noRoom());
  }

  private void end(Http2Failure failure) {
    frames.close();
    headers.close();
    farewell.because(failure, lastStream);
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
      default -> {
        Payloads.withoutMeaning(type, stream, payload);
        pace.empty();
      }
    }
  }

  private void data(int flags, int id, ByteBuf payload) throws Http2Failure {
    int bytes = payload.readableBytes();
    boolean endsStream = (flags & Frames.END_STREAM) != 0;
    unpad(flags, payload, false);
    begun(id, "data of no stream");
    if (!receives.take(bytes)) {
      throw flowControlError("more data than was allowed");
    }
    boolean isEmpty = !payload.isReadable() && !endsStream;
    if (isEmpty) {
      pace.empty();
    }
    StreamCall<?, ?> call = streams.get(id);
    if (call == null) {
      used(bytes); // it is over here
      return;
    }
    if (!isEmpty) {
      pace.useful();
    }
    if (call.hasEnded()) {
      used(bytes);
      throw new Http2Failure(Frames.STREAM_CLOSED, "data behind the end of a stream");
    } else if (!call.data(payload, bytes, endsStream)) {
      used(bytes);
      breakOff(call, Frames.FLOW_CONTROL_ERROR);
    }
  }

  /** The peer must have begun the stream, whatever became of it. */
  private void begun(int id, String otherwise) throws Http2Failure {
    if (id % 2 == 0 || id > lastStream) {
      throw protocolError(otherwise);
    }
  }

  /** What the peer does ends its stream: as if it had reset it. */
  private void breakOff(StreamCall<?, ?> call, int code) throws Http2Failure {
    reset(call, code);
    call.cancel(Status.CANCELLED);
    pace.reset(System.nanoTime());
  }

  private void headers(int flags, int id, ByteBuf payload) throws Http2Failure {
    unpad(flags, payload, true);
    if (id % 2 == 0) {
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
      trailers(block, call);
    } else if (id > lastStream) {
      pace.useful();
      lastStream = id;
      open(block);
    } else if (block.begins()) {
      throw protocolError("a stream that begins again");
    } else {
      pace.empty(); // it is over here, and the peer does not know yet
    }
  }

  private void trailers(HeaderBlocks.Block block, StreamCall<?, ?> call) throws Http2Failure {
    if (call.hasEnded()) {
      throw new Http2Failure(Frames.STREAM_CLOSED, "headers behind the end of a stream");
    }
    if (block.isTrailers()) {
      call.halfClose();
    } else {
      breakOff(call, Frames.PROTOCOL_ERROR);
    }
  }

  private void open(HeaderBlocks.Block block) throws Http2Failure {
    int id = block.stream();
    if (farewell.isHeard() || streams.size() >= rules.maxStreams()) {
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
        output.countControl();
        headers(id, true, answer);
        if (!block.endsStream()) {
          control(id, Frames.NO_ERROR);
        }
      }
    }
  }

  /** A stream is there. */
  void add(StreamCall<?, ?> call) {
    streams.add(call);
  }

  private void reset(int id, ByteBuf payload) throws Http2Failure {
    length(payload, 4);
    begun(id, "a reset of no stream");
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
    pace.settled(System.nanoTime());
    changeWindows(PeerSettings.window(payload, firstSendWindow));
    output.control(0, Frames.SETTINGS, Frames.ACK, 0);
  }

  private void changeWindows(int bytes) throws Http2Failure {
    long more = (long) bytes - firstSendWindow;
    if (more == 0) {
      return;
    }
    firstSendWindow = bytes;
    for (StreamCall<?, ?> call : streams.all()) {
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
    } else if (Farewell.isHeardBy(content)) {
      takeNoMore();
    } else if (content != ALIVE || !liveness.isAnswered()) {
      pace.empty();
    }
  }

  private void window(int id, ByteBuf payload) throws Http2Failure {
    length(payload, 4);
    int more = payload.readInt() & Integer.MAX_VALUE;
    if (id == 0) {
      window(more);
      return;
    }
    begun(id, "a window of no stream");
    StreamCall<?, ?> call = streams.get(id);
    if (call == null) {
      return; // it is over here
    }
    if (more == 0) {
      breakOff(call, Frames.PROTOCOL_ERROR);
    } else if (call.sends().add(more)) {
      call.pump();
    } else {
      breakOff(call, Frames.FLOW_CONTROL_ERROR);
    }
  }

  private void window(int more) throws Http2Failure {
    if (more == 0) {
      throw protocolError("a window of nothing");
    }
    if (!sends.add(more)) {
      throw flowControlError("a window that is too large");
    }
    streams.sendByTurns(sends);
  }

  /** Waits for the window of the connection. */
  void block(StreamCall<?, ?> call) {
    streams.block(call);
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
    output.headers(id, endsStream, text);
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
    streams.remove(call);
    if (farewell.isHeard() && streams.isEmpty() && !isClosed) {
      execute(output::closeWhenTaken); // behind the stream's last frame
    }
  }

  /** Takes no more streams, once the peer knows; closes when those that are open are over. */
  private void goAway() {
    if (!isClosed && farewell.say()) {
      var _ = schedule(this::takeNoMore, Farewell.MAX_WAIT_NANOS);
    }
  }

  private void takeNoMore() {
    if (!isClosed && farewell.hear(lastStream) && streams.isEmpty()) {
      output.closeWhenTaken();
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
    for (StreamCall<?, ?> call : streams.all()) {
      call.cancel(Status.CANCELLED);
    }
    output.release();
    server.ended(this, attributes);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    fail(cause);
  }
}
