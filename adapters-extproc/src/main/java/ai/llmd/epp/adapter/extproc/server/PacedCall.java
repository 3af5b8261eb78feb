package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.ErrorResponse;
import ai.llmd.epp.adapter.extproc.ExtProcStream;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.server.GivenUpStreams.Reason;
import ai.llmd.epp.adapter.extproc.transport.MinuteReports;
import io.grpc.ServerCall;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Takes a call's next messages only when the answers so far are on their way, so that a gateway
 * that sends and does not read fills its own memory and not ours; gives the call up when its
 * request does not go on. The call's thread.
 *
 * <p>Messages are asked for by the handful: gRPC delivers what it was asked for in one go, and each
 * asking is a task of its own on the event loop.
 */
final class PacedCall extends ServerCall.Listener<ExtProcRequest> {

  private static final int HANDFUL = 16;

  /** Where the gateway collects a body itself, a slow client is its own matter for longer. */
  private static final int COLLECTING = 10;

  /** What all calls share. */
  record Rules(
      ConnectionLimits limits,
      GivenUpStreams givenUp,
      MinuteReports unreadable,
      MemoryRelief relief) {}

  private final ServerCall<ExtProcRequest, ExtProcResponse> call;
  private final CallAnswers answers;
  private final ExtProcStream stream;
  private final ConnectionRoom connection;
  private final LoopCalls siblings;
  private final Rules rules;

  /** In the list of the loop's calls; -1 when it is not there. */
  int place = -1;

  /** Whether it waits for its turn to ask for more messages. */
  boolean isInLine;

  /** Messages that were asked for and have not come. */
  private int expected;

  private boolean hasBegun;
  private int lastMessageAt; // in seconds of the loop
  private int stuckSince;
  private boolean isStuck;

  /**
   * @param loop runs what it is given behind what has been read by now
   * @param opening begins the conversation, with what runs its later steps
   */
  PacedCall(
      ServerCall<ExtProcRequest, ExtProcResponse> call,
      CallAnswers answers,
      Executor loop,
      Function<Executor, ExtProcStream> opening,
      ConnectionRoom connection,
      LoopCalls siblings,
      Rules rules) {
    this.call = call;
    this.answers = answers;
    this.connection = connection;
    this.siblings = siblings;
    this.rules = rules;
    this.lastMessageAt = siblings.seconds();
    this.stream = opening.apply(step -> loop.execute(() -> runAndResume(step)));
    siblings.add(this);
    ask();
  }

  /** A step may have been what further messages waited for. */
  private void runAndResume(Runnable step) {
    step.run();
    resume();
  }

  /** Further messages come, some of them before this returns. */
  void ask() {
    int more = HANDFUL - expected;
    expected = HANDFUL;
    call.request(more);
  }

  /** Takes further messages if it can; does nothing in a call that has ended. */
  void resume() {
    if (answers.hasOverflown()) {
      giveUp(Reason.MEMORY, ErrorResponse.busy("too many answers wait to be read"));
      return;
    }
    if (place >= 0 && expected <= HANDFUL / 2 && answers.takesMore() && !stream.isBusy()) {
      siblings.ask(this);
    }
  }

  /** There is no room for the message that is coming. */
  void refuseMessage() {
    giveUp(Reason.MEMORY, ErrorResponse.busy("too many messages are incomplete in memory"));
  }

  /** What it holds of a request that is not complete. */
  ExtProcStream.Unfinished unfinished() {
    return stream.unfinished();
  }

  /** Gives its memory to others, unless there is room again; whether it did. */
  boolean makeRoom() {
    if (connection.bodies().hasRoomAgain()
        || !stream.giveUp(ErrorResponse.busy("memory is short, and the request is incomplete"))) {
      return false;
    }
    rules.givenUp().add(Reason.MEMORY);
    return true;
  }

  private void giveUp(Reason reason, ErrorResponse answer) {
    if (stream.giveUp(answer)) {
      rules.givenUp().add(reason);
    }
  }

  /** Looks, once a second, whether the request goes on. */
  void look(int now) {
    if (stream.isAwaitingRequest()) {
      long most = mostSeconds();
      if (most > 0 && now - lastMessageAt > most) {
        giveUp(Reason.SLOW, ErrorResponse.timedOut(most));
      }
    } else if (!stream.isAnswering()) {
      lookForTaking(now);
    }
  }

  private long mostSeconds() {
    if (!hasBegun) {
      return rules.limits().untilFirstMessage().toSeconds();
    }
    long most = rules.limits().betweenMessages().toSeconds();
    return stream.isGatewayCollecting() ? most * COLLECTING : most;
  }

  /** The answer to a request is taken at some pace, a response at the client's. */
  private void lookForTaking(int now) {
    boolean wasStuck = isStuck;
    isStuck = answers.isStuck();
    if (!isStuck || !wasStuck) {
      stuckSince = now;
    }
    long most = rules.limits().betweenMessages().toSeconds();
    if (most > 0 && now - stuckSince > most) {
      giveUp(Reason.UNREAD, ErrorResponse.busy("the answer is not taken"));
    }
  }

  @Override
  public void onMessage(ExtProcRequest message) {
    expected--;
    siblings.count();
    hasBegun = true;
    lastMessageAt = siblings.seconds();
    if (message.kind() == ExtProcRequest.Kind.MALFORMED) {
      rules.unreadable().add();
    }
    stream.onNext(message);
    rules.relief().look(connection.bodies());
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
    siblings.remove(this);
    answers.ended();
    stream.cancelled();
    if (connection.resets().isTooMany(rules.limits().resets(), System.nanoTime())) {
      rules.givenUp().add(Reason.RESETS);
    }
  }

  /** However it came to that: a message that is too large ends a call without another word. */
  @Override
  public void onComplete() {
    siblings.remove(this);
    answers.ended();
    stream.closed();
  }
}
