package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Sends answers on a call. What is sent after the gateway has gone is dropped. The call's thread.
 */
final class CallAnswers implements StreamObserver<ExtProcResponse> {

  private final ServerCall<ExtProcRequest, ExtProcResponse> call;
  private boolean hasHeaders;

  CallAnswers(ServerCall<ExtProcRequest, ExtProcResponse> call) {
    this.call = call;
  }

  @Override
  public void onNext(ExtProcResponse answer) {
    if (!hasHeaders) {
      hasHeaders = true;
      call.sendHeaders(new Metadata());
    }
    call.sendMessage(answer);
  }

  @Override
  public void onError(Throwable cause) {
    call.close(Status.fromThrowable(cause), new Metadata());
  }

  @Override
  public void onCompleted() {
    call.close(Status.OK, new Metadata());
  }
}
