package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.ErrorResponse;
import ai.llmd.epp.adapter.extproc.ExtProcStream;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import io.grpc.ServerCall;

/**
 * Takes a call's next messages only when the answers so far are on their way, so that a gateway
 * that sends and does not read fills its own memory and not ours. The call's thread.
 *
 * <p>Messages are asked for by the handful: gRPC delivers what it was asked for in one go, and each
 * asking is a task of its own on the event loop.
 */
final class PacedCall extends ServerCall.Listener<ExtProcRequest> {

  private static final int HANDFUL = 16;

  private final ServerCall<ExtProcRequest, ExtProcResponse> call;
  private final CallAnswers answers;
  private final ExtProcStream stream;
  private final UnreadableMessages unreadable;

  /** Messages that were asked for and have not come. */
  private int expected;

  PacedCall(
      ServerCall<ExtProcRequest, ExtProcResponse> call,
      CallAnswers answers,
      ExtProcStream stream,
      UnreadableMessages unreadable) {
    this.call = call;
    this.answers = answers;
    this.stream = stream;
    this.unreadable = unreadable;
    ask();
  }

  private void ask() {
    int more = HANDFUL - expected;
    expected = HANDFUL;
    call.request(more);
  }

  private void resume() {
    if (answers.hasOverflown()) {
      stream.giveUp(ErrorResponse.busy("too many answers wait to be read"));
      return;
    }
    if (expected <= HANDFUL / 2 && answers.takesMore()) {
      ask();
    }
  }

  @Override
  public void onMessage(ExtProcRequest message) {
    expected--;
    if (message.kind() == ExtProcRequest.Kind.MALFORMED) {
      unreadable.add();
    }
    stream.onNext(message);
    resume();
  }

  @Override
  public void onReady() {
    answers.ready();
    resume();
  }

  @Override
  public void onHalfClose() {
    stream.onCompleted();
  }

  /** How Envoy ends most conversations whose response it does not show. */
  @Override
  public void onCancel() {
    answers.ended();
    stream.cancelled();
  }

  /** However it came to that: a message that is too large ends a call without another word. */
  @Override
  public void onComplete() {
    answers.ended();
    stream.closed();
  }
}
