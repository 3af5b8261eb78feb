package ai.llmd.epp.adapter.extproc;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

/** Begins a conversation for every stream, as long as there is room for one more. */
final class ExtProcService implements BindableService {

  /** As generated, but for how messages are read and written. */
  private static final MethodDescriptor<Incoming, Answer> PROCESS =
      ExternalProcessorGrpc.getProcessMethod().toBuilder(
              new IncomingMarshaller(), new AnswerMarshaller())
          .build();

  private final ExtProcParts parts;
  private final BufferedBytes bufferedBytes;
  private final AtomicInteger openStreams = new AtomicInteger();

  ExtProcService(ExtProcParts parts) {
    this.parts = parts;
    this.bufferedBytes = new BufferedBytes(parts.limits().bufferedBytes());
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

  private StreamObserver<Incoming> process(StreamObserver<Answer> answers) {
    if (openStreams.incrementAndGet() > parts.limits().streams()) {
      openStreams.decrementAndGet();
      return refused(answers);
    }
    PacedCall call = new PacedCall((ServerCallStreamObserver<Answer>) answers);
    return call.pacing(
        new ExtProcStream(parts, bufferedBytes, answers, openStreams::decrementAndGet));
  }

  private StreamObserver<Incoming> refused(StreamObserver<Answer> answers) {
    Refusal refusal = Refusal.busy("too many requests at once");
    parts.observer().streamStarted();
    parts.observer().failed(null, refusal.code());
    answers.onNext(refusal.answer());
    answers.onCompleted();
    parts.observer().streamEnded("OK", 0);
    return new Ignored();
  }

  private static final class Ignored implements StreamObserver<Incoming> {

    @Override
    public void onNext(Incoming message) {}

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}
  }
}
