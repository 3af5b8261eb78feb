package ai.llmd.epp.adapter.extproc;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

/** Begins a conversation for every stream, as long as there is room for one more. */
final class ExtProcService implements BindableService {

  /** As generated, but for how requests are read. */
  private static final MethodDescriptor<ProcessingRequest, ProcessingResponse> PROCESS =
      ExternalProcessorGrpc.getProcessMethod().toBuilder()
          .setRequestMarshaller(new RequestMarshaller())
          .build();

  private final PartsLender lender;
  private final int maxStreams;
  private final BufferedBytes bufferedBytes;
  private final AtomicInteger openStreams = new AtomicInteger();

  ExtProcService(PartsLender lender) {
    StreamLimits limits = lender.current().limits();
    this.lender = lender;
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
        .addMethod(PROCESS, ServerCalls.asyncBidiStreamingCall(this::process))
        .build();
  }

  private StreamObserver<ProcessingRequest> process(StreamObserver<ProcessingResponse> answers) {
    if (openStreams.incrementAndGet() > maxStreams) {
      openStreams.decrementAndGet();
      return refused(answers);
    }
    PacedCall call = new PacedCall((ServerCallStreamObserver<ProcessingResponse>) answers);
    PartsLender.Loan loan = lender.lend();
    return call.pacing(new ExtProcStream(loan.parts(), bufferedBytes, answers, () -> ended(loan)));
  }

  private void ended(PartsLender.Loan loan) {
    openStreams.decrementAndGet();
    loan.giveBack();
  }

  private StreamObserver<ProcessingRequest> refused(StreamObserver<ProcessingResponse> answers) {
    Refusal refusal = Refusal.busy("too many requests at once");
    ExtProcParts parts = lender.current();
    parts.observer().streamStarted();
    parts.observer().failed(null, refusal.code());
    answers.onNext(refusal.answer());
    answers.onCompleted();
    parts.observer().streamEnded("OK", 0);
    return new Ignored();
  }

  private static final class Ignored implements StreamObserver<ProcessingRequest> {

    @Override
    public void onNext(ProcessingRequest message) {}

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}
  }
}
