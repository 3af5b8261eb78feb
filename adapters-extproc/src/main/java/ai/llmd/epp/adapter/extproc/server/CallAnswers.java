package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.message.Answer;
import ai.llmd.epp.adapter.extproc.message.Incoming;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Sends answers on a call. What is sent after the gateway has gone is dropped. The call's thread.
 */
final class CallAnswers implements StreamObserver<Answer> {

  private final ServerCall<Incoming, Answer> call;
  private boolean hasHeaders;

  CallAnswers(ServerCall<Incoming, Answer> call) {
    this.call = call;
  }

  @Override
  public void onNext(Answer answer) {
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
