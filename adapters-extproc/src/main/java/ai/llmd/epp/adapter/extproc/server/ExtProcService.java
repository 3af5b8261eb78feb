package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.BufferedBytes;
import ai.llmd.epp.adapter.extproc.ErrorResponse;
import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.ExtProcStream;
import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponseMarshaller;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.application.port.in.PartsLease;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

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
  private final BufferedBytes bufferedBytes;
  private final AtomicInteger openStreams = new AtomicInteger();
  private final UnreadableMessages unreadable = UnreadableMessages.logged();

  ExtProcService(LendParts<ExtProcParts> lender, EventLoops loops) {
    StreamLimits limits = lender.current().limits();
    this.lender = lender;
    this.loops = loops;
    this.maxStreams = limits.streams();
    this.bufferedBytes = new BufferedBytes(limits.bufferedBytes());
  }

  int openStreams() {
    return openStreams.get();
  }

  long bufferedBytes() {
    return bufferedBytes.held();
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
    StreamObserver<ExtProcResponse> answers = new CallAnswers(call);
    if (openStreams.incrementAndGet() > maxStreams) {
      openStreams.decrementAndGet();
      refuse(answers);
      return new ServerCall.Listener<>() {};
    }
    PartsLease<ExtProcParts> lease = lent();
    try {
      ExtProcStream stream =
          new ExtProcStream(
              lease.parts(), bufferedBytes, answers, loops.behindThis(), () -> ended(lease));
      return new PacedCall(call, stream, unreadable);
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
