package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.ErrorResponse;
import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.ExtProcStream;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponseMarshaller;
import ai.llmd.epp.adapter.extproc.transport.MinuteReports;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.application.port.in.PartsLease;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Begins a conversation for every stream, as long as there is room for one more. */
final class ExtProcService implements BindableService {

  /** As generated, but for how messages are read and written. */
  private static final MethodDescriptor<ExtProcRequest, ExtProcResponse> PROCESS =
      ExternalProcessorGrpc.getProcessMethod().toBuilder(
              new ExtProcRequestMarshaller(), new ExtProcResponseMarshaller())
          .build();

  private final LendParts<ExtProcParts> lender;
  private final EventLoops loops;
  private final int maxStreams;
  private final ConnectionRoom room;
  private final BufferedBytes unwritten;
  private final Executor beside;
  private final AtomicInteger openStreams = new AtomicInteger();
  private final Supplier<LoopCalls> callsOfThisLoop;
  private final GivenUpStreams givenUp = new GivenUpStreams();
  private final PacedCall.Rules rules;

  /**
   * @param room of all connections together
   * @param limits of each connection
   * @param unwritten counts what is in network memory until the gateway takes it
   * @param beside runs what takes longer than other streams may wait
   */
  ExtProcService(
      LendParts<ExtProcParts> lender,
      EventLoops loops,
      ConnectionRoom room,
      BufferedBytes unwritten,
      ConnectionLimits limits,
      Executor beside) {
    this.lender = lender;
    this.loops = loops;
    this.maxStreams = lender.current().limits().streams();
    this.room = room;
    this.unwritten = unwritten;
    this.beside = beside;
    this.callsOfThisLoop = LoopCalls.of(loops.group());
    this.rules =
        new PacedCall.Rules(
            limits,
            givenUp,
            MinuteReports.ofUnreadableMessages(),
            new MemoryRelief(loops.group(), callsOfThisLoop, room.bodies().limit()));
  }

  int openStreams() {
    return openStreams.get();
  }

  long bufferedBytes() {
    return room.bodies().held();
  }

  /** How many streams were given up, by reason. */
  Map<String, Long> givenUp() {
    return givenUp.counted();
  }

  long networkBytes() {
    return room.incoming().held() + unwritten.held();
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(ExternalProcessorGrpc.SERVICE_NAME)
        .addMethod(PROCESS, (call, headers) -> begin(call))
        .build();
  }

  /**
   * Not by gRPC's own stream observers: they make an exception, with a stack trace, of each stream
   * that is reset, and that is how a gateway ends it whose response is not shown.
   */
  private ServerCall.Listener<ExtProcRequest> begin(
      ServerCall<ExtProcRequest, ExtProcResponse> call) {
    ConnectionRoom share = ConnectionRoom.of(call.getAttributes(), room);
    CallAnswers answers = new CallAnswers(call, share.bodies(), unwritten);
    if (openStreams.incrementAndGet() > maxStreams) {
      openStreams.decrementAndGet();
      refuse(answers);
      return new Refused(answers);
    }
    Executor behindThis = loops.behindThis();
    PartsLease<ExtProcParts> lease = lent();
    try {
      PacedCall paced =
          new PacedCall(
              call,
              answers,
              behindThis,
              executor ->
                  new ExtProcStream(
                      lease.parts(),
                      share.bodies(),
                      answers,
                      new ExtProcStream.Threads(executor, beside),
                      () -> ended(lease)),
              share,
              callsOfThisLoop.get(),
              rules);
      count(share, behindThis, paced);
      return paced;
    } catch (RuntimeException e) {
      ended(lease); // no callback will
      throw e;
    }
  }

  private PartsLease<ExtProcParts> lent() {
    try {
      return lender.lend();
    } catch (RuntimeException e) {
      openStreams.decrementAndGet(); // the place is another stream's
      throw e;
    }
  }

  private static void count(ConnectionRoom share, Executor behindThis, PacedCall call) {
    Objects.requireNonNull(IncomingMessages.OF_CALL.get(), "set by the server's tracer")
        .begin(share.incoming(), behindThis, call::refuseMessage);
  }

  /** A call that was answered when it began. */
  private static final class Refused extends ServerCall.Listener<ExtProcRequest> {

    private final CallAnswers answers;

    Refused(CallAnswers answers) {
      this.answers = answers;
    }

    @Override
    public void onCancel() {
      answers.ended();
    }

    @Override
    public void onComplete() {
      answers.ended();
    }
  }

  private void ended(PartsLease<ExtProcParts> lease) {
    openStreams.decrementAndGet();
    lease.release();
  }

  private void refuse(StreamObserver<ExtProcResponse> answers) {
    ErrorResponse refusal = ErrorResponse.busy("too many requests at once");
    ExtProcParts parts = lender.current();
    parts.observer().streamStarted();
    parts.observer().failed(null, refusal.code());
    answers.onNext(refusal.answer());
    answers.onCompleted();
    parts.observer().streamEnded("OK", 0);
  }
}
