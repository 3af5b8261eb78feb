package ai.llmd.epp.adapter.extproc.health;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * {@code grpc.health.v1.Health} as kubelets and Envoys ask it: {@code Check} and {@code List}; a
 * {@code Watch} is refused. Without leader election every service name is answered alike, but for
 * {@code livez}: that is serving as long as the process is.
 */
final class HealthService implements BindableService {

  private static final String LIVENESS = "liveness";
  private static final String READINESS = "readiness";

  /** The process alone, as the page of that name; our own, the reference has no such service. */
  private static final String PROCESS = "livez";

  /** In the protocol since 2025 and not yet in the generated classes; its messages are simple. */
  private static final MethodDescriptor<Empty, Empty> LIST =
      MethodDescriptor.<Empty, Empty>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(
              MethodDescriptor.generateFullMethodName(HealthGrpc.SERVICE_NAME, "List"))
          .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .build();

  private final Readiness readiness;

  HealthService(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(HealthGrpc.SERVICE_NAME)
        .addMethod(HealthGrpc.getCheckMethod(), ServerCalls.asyncUnaryCall(this::check))
        .addMethod(LIST, ServerCalls.asyncUnaryCall(this::list))
        .addMethod(HealthGrpc.getWatchMethod(), ServerCalls.asyncServerStreamingCall(this::watch))
        .build();
  }

  private void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    caller.onNext(response(request.getService()));
    caller.onCompleted();
  }

  /** {@code HealthListResponse { map<string, HealthCheckResponse> statuses = 1; }}. */
  private void list(Empty request, StreamObserver<Empty> caller) {
    UnknownFieldSet.Field.Builder statuses = UnknownFieldSet.Field.newBuilder();
    for (String service : listed()) {
      statuses.addLengthDelimited(
          UnknownFieldSet.newBuilder()
              .addField(1, text(service))
              .addField(2, message(response(service)))
              .build()
              .toByteString());
    }
    caller.onNext(
        Empty.newBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder().addField(1, statuses.build()).build())
            .build());
    caller.onCompleted();
  }

  private List<String> listed() {
    String served = ExternalProcessorGrpc.SERVICE_NAME;
    return readiness.electsLeader() ? List.of(served, LIVENESS, READINESS) : List.of(served);
  }

  private static UnknownFieldSet.Field text(String value) {
    return UnknownFieldSet.Field.newBuilder()
        .addLengthDelimited(ByteString.copyFromUtf8(value))
        .build();
  }

  private static UnknownFieldSet.Field message(HealthCheckResponse value) {
    return UnknownFieldSet.Field.newBuilder().addLengthDelimited(value.toByteString()).build();
  }

  private void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    caller.onError(
        Status.UNIMPLEMENTED.withDescription("Watch is not implemented").asRuntimeException());
  }

  private HealthCheckResponse response(String service) {
    return HealthCheckResponse.newBuilder().setStatus(status(service)).build();
  }

  private ServingStatus status(String service) {
    if (service.equals(PROCESS)) {
      return ServingStatus.SERVING;
    }
    boolean concernsRequests =
        service.isEmpty()
            || service.equals(READINESS)
            || service.equals(ExternalProcessorGrpc.SERVICE_NAME);
    if (!readiness.electsLeader()) {
      return serving(isUp() && (!concernsRequests || readiness.arePluginsReady()));
    }
    if (service.equals(LIVENESS)) {
      return ServingStatus.SERVING;
    }
    return concernsRequests
        ? serving(isUp() && readiness.isLeader() && readiness.arePluginsReady())
        : ServingStatus.SERVICE_UNKNOWN;
  }

  private boolean isUp() {
    return readiness.isPoolSynced() && readiness.isProtocolOk() && !readiness.isDraining();
  }

  private static ServingStatus serving(boolean isServing) {
    return isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
