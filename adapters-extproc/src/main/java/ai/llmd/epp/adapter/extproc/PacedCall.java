package ai.llmd.epp.adapter.extproc;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * Takes a call's next message only when the answers so far are on their way, so that a gateway that
 * sends and does not read fills its own memory and not ours. The call's thread.
 */
final class PacedCall {

  private final ServerCallStreamObserver<ProcessingResponse> call;
  private boolean isWaiting;

  PacedCall(ServerCallStreamObserver<ProcessingResponse> call) {
    this.call = call;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::resume);
    call.setOnCancelHandler(() -> {}); // the stream hears of it by onError; writes become no-ops
    call.request(1);
  }

  private void resume() {
    if (isWaiting && call.isReady()) {
      isWaiting = false;
      call.request(1);
    }
  }

  StreamObserver<ProcessingRequest> pacing(StreamObserver<ProcessingRequest> stream) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ProcessingRequest message) {
        stream.onNext(message);
        isWaiting = true;
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
