package ai.llmd.epp.adapter.extproc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * Takes a call's next messages only when the answers so far are on their way, so that a gateway
 * that sends and does not read fills its own memory and not ours. The call's thread.
 *
 * <p>Messages are asked for by the handful: gRPC delivers what it was asked for in one go, and each
 * asking is a task of its own on the event loop.
 */
final class PacedCall {

  private static final int HANDFUL = 16;

  private final ServerCallStreamObserver<Answer> call;

  /** Messages that were asked for and have not come. */
  private int expected;

  PacedCall(ServerCallStreamObserver<Answer> call) {
    this.call = call;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::resume);
    call.setOnCancelHandler(() -> {}); // the stream hears of it by onError; writes become no-ops
    ask();
  }

  private void ask() {
    int more = HANDFUL - expected;
    expected = HANDFUL;
    call.request(more);
  }

  private void resume() {
    if (expected <= HANDFUL / 2 && call.isReady()) {
      ask();
    }
  }

  /**
   * To be called while the call begins.
   *
   * @param closed run when the call is over for gRPC, however it came to that: a message that
   *     cannot be read, for example, ends a call without a word to the stream
   */
  StreamObserver<Incoming> pacing(StreamObserver<Incoming> stream, Runnable closed) {
    call.setOnCloseHandler(closed);
    return new StreamObserver<>() {
      @Override
      public void onNext(Incoming message) {
        expected--;
        stream.onNext(message);
        resume();
      }

      @Override
      public void onError(Throwable cause) {
        stream.onError(cause);
      }

      @Override
      public void onCompleted() {
        stream.onCompleted();
      }
    };
  }
}
