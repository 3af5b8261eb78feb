package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Sends answers on a call, no faster than the gateway takes them: a message given to gRPC is copied
 * into network memory at once, however long it has to wait there. Up to {@value #WINDOW} bytes are
 * on their way; the others wait here and are counted. What is sent after the gateway has gone is
 * dropped. The call's thread.
 */
final class CallAnswers implements StreamObserver<ExtProcResponse> {

  /** Most bytes of a call in network memory, but for a single message above it. */
  static final int WINDOW = 64 << 10;

  /** When network memory is short, a call sends so many bytes of a body at a time. */
  static final int STEP = 2 << 10;

  /** When network memory is short, a message that cannot be cut is sent up to this size. */
  private static final int MAX_UNCUT = 8 << 10;

  /** A larger message goes as it is: compressing a mebibyte takes tens of milliseconds. */
  private static final int MAX_COMPRESSED = 64 << 10;

  /** From so many bytes on, gRPC reports when they are written. */
  private static final int REPORTED = 1 << 10;

  /** What a waiting message holds beside its bytes. */
  private static final int MESSAGE_BYTES = 160;

  private final ServerCall<ExtProcRequest, ExtProcResponse> call;
  private final BufferedBytes heap;
  private final BufferedBytes network;
  private final Deque<ExtProcResponse> waiting = new ArrayDeque<>(1);
  private boolean hasHeaders;
  private boolean hasCompleted;
  private boolean isClosed;
  private boolean hasOverflown;
  private long waitingBytes; // counted until none waits: they may be parts of one array
  private int unwritten;
  private boolean hasProgressed;

  /**
   * @param heap counts messages that wait here
   * @param network counts those that wait in network memory
   */
  CallAnswers(
      ServerCall<ExtProcRequest, ExtProcResponse> call, BufferedBytes heap, BufferedBytes network) {
    this.call = call;
    this.heap = heap;
    this.network = network;
    call.setOnReadyThreshold(REPORTED);
  }

  @Override
  public void onNext(ExtProcResponse answer) {
    if (isClosed || hasCompleted) {
      return;
    }
    if (waiting.isEmpty() && mayBeSent(answer.size())) {
      send(answer);
      return;
    }
    long cost = (long) answer.size() + MESSAGE_BYTES;
    if (heap.takeOver(cost)) {
      waitingBytes += cost;
      waiting.add(answer);
      sendWaiting();
    } else {
      overflow();
    }
  }

  private void overflow() {
    hasOverflown = true;
    close(Status.RESOURCE_EXHAUSTED.withDescription("too many answers wait to be read"));
  }

  @Override
  public void onError(Throwable cause) {
    close(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    hasCompleted = true;
    if (waiting.isEmpty()) {
      close(Status.OK);
    }
  }

  private void close(Status status) {
    if (!isClosed) {
      isClosed = true;
      forgetWaiting();
      call.close(status, new Metadata());
    }
  }

  private void forgetWaiting() {
    waiting.clear();
    heap.giveBack(waitingBytes);
    waitingBytes = 0;
  }

  /** The gateway has taken what was on its way. */
  void ready() {
    noteWritten();
    sendWaiting();
  }

  /** The call is over: nothing of it is in memory any more. */
  void ended() {
    isClosed = true;
    forgetWaiting();
    network.giveBack(unwritten);
    unwritten = 0;
  }

  /** Whether the gateway takes its answers, so that more of its messages can be handled. */
  boolean takesMore() {
    noteWritten();
    return !isClosed && waiting.isEmpty() && unwritten < WINDOW / 2;
  }

  /** Whether the call was closed because there is no room for its answers. */
  boolean hasOverflown() {
    return hasOverflown;
  }

  /** Whether answers wait although time has passed: none was taken since this was last asked. */
  boolean isStuck() {
    boolean isStuck = !waiting.isEmpty() && !hasProgressed;
    hasProgressed = false;
    return isStuck;
  }

  private void noteWritten() {
    if (unwritten > 0 && call.isReady()) {
      network.giveBack(unwritten);
      unwritten = 0;
      hasProgressed = true;
    }
  }

  private void sendWaiting() {
    while (!waiting.isEmpty()) {
      ExtProcResponse next = waiting.getFirst();
      if (mayBeSent(next.size())) {
        waiting.removeFirst();
        send(next);
      } else if (unwritten == 0) {
        sendLittle(next);
      } else {
        return; // the gateway's taking of what is on its way will continue this
      }
    }
    forgetWaiting();
    if (hasCompleted) {
      close(Status.OK);
    }
  }

  /** Takes the room for it when it may be sent. */
  private boolean mayBeSent(int size) {
    noteWritten();
    if (unwritten == 0 && size <= STEP) {
      network.takeLittle(size);
      return true;
    }
    return (unwritten == 0 || unwritten + size <= WINDOW) && network.take(size);
  }

  /** Network memory is short, and nothing of this call is on its way: something must be. */
  private void sendLittle(ExtProcResponse next) {
    if (next.isChunkAbove(STEP)) {
      waiting.removeFirst();
      waiting.addFirst(next.without(STEP));
      sendInAnyCase(next.first(STEP));
    } else if (next.size() <= MAX_UNCUT) {
      waiting.removeFirst();
      sendInAnyCase(next);
    } else {
      overflow();
    }
  }

  private void sendInAnyCase(ExtProcResponse answer) {
    network.takeLittle(answer.size());
    send(answer);
  }

  private void send(ExtProcResponse answer) {
    unwritten += answer.size();
    if (!hasHeaders) {
      hasHeaders = true;
      call.sendHeaders(new Metadata());
    }
    call.setMessageCompression(answer.size() <= MAX_COMPRESSED); // if the call compresses
    call.sendMessage(answer);
  }
}
